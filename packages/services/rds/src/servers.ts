import type { DBCluster, DBInstance, Endpoint } from '@aws-sdk/client-rds';
import type { ServiceEndpoint } from '@keyturn/core';
import type { RdsApi } from './rds-api.ts';
import { type CustomEndpointName, type ServerName, serverNamed } from './server-name.ts';

/** A server, and the one that it belongs to or takes its data from. */
interface Described {
  readonly endpoints: readonly ServiceEndpoint[];
  readonly source: ServerName | undefined;
}

/** Replicas of replicas of replicas: more than any engine of RDS allows. */
const mostSteps = 8;

/**
 * The endpoints of a server and of those that it belongs to: the cluster of an instance, the source of a
 * replica, to the one that takes writes, whose endpoints come first. Undefined where there is no such server.
 */
export async function endpointsAround(
  server: ServerName,
  apiOf: (region: string) => RdsApi,
  signal: AbortSignal,
): Promise<readonly ServiceEndpoint[] | undefined> {
  const seen = new Set<string>();
  let endpoints: readonly ServiceEndpoint[] | undefined;
  let next: ServerName | undefined = server;
  while (next !== undefined && seen.size < mostSteps && !seen.has(keyOf(next))) {
    seen.add(keyOf(next));
    const described = await describe(next, apiOf(next.region), signal);
    if (described === undefined) break;
    endpoints = [...described.endpoints, ...(endpoints ?? [])];
    next = described.source;
  }
  return endpoints;
}

/** The same for the cluster of a custom endpoint, and the address of that endpoint besides. */
export async function endpointsWithCustom(
  { id, region }: CustomEndpointName,
  apiOf: (region: string) => RdsApi,
  signal: AbortSignal,
): Promise<readonly ServiceEndpoint[] | undefined> {
  const found = await apiOf(region).customEndpoint(id, signal);
  if (!found?.DBClusterIdentifier) return undefined;
  const cluster = serverNamed(found.DBClusterIdentifier, 'cluster', region);
  const endpoints = await endpointsAround(cluster, apiOf, signal);
  if (endpoints === undefined || endpoints.some(({ host }) => host === found.Endpoint)) return endpoints;
  // It listens where its cluster does, which is the last one: before it come those that the cluster replicates.
  return [...endpoints, ...at({ Address: found.Endpoint, Port: endpoints.at(-1)?.port }, 'custom')];
}

function keyOf({ type, region, id }: ServerName): string {
  return `${type} ${region} ${id}`;
}

async function describe(server: ServerName, api: RdsApi, signal: AbortSignal): Promise<Described | undefined> {
  if (server.type === 'instance') {
    const instance = await api.instance(server.id, signal);
    return instance === undefined ? undefined : describedInstance(instance, server.region);
  }
  const cluster = await api.cluster(server.id, signal);
  return cluster === undefined ? undefined : describedCluster(cluster, server.region);
}

function describedInstance(instance: DBInstance, region: string): Described {
  const { DBClusterIdentifier: cluster } = instance;
  const sourceInstance = instance.ReadReplicaSourceDBInstanceIdentifier;
  const sourceCluster = instance.ReadReplicaSourceDBClusterIdentifier;
  const source = cluster
    ? serverNamed(cluster, 'cluster', region)
    : sourceInstance
      ? serverNamed(sourceInstance, 'instance', region)
      : sourceCluster
        ? serverNamed(sourceCluster, 'cluster', region)
        : undefined;
  const kind = cluster ? 'instance' : source === undefined ? 'writer' : 'reader';
  // The listener is where SQL Server's Always On has its own name for the instance.
  return { endpoints: [...at(instance.Endpoint, kind), ...at(instance.ListenerEndpoint, kind)], source };
}

function describedCluster(cluster: DBCluster, region: string): Described {
  const { Endpoint: main, ReaderEndpoint: reader, CustomEndpoints: custom = [], Port } = cluster;
  const { ReplicationSourceIdentifier: from } = cluster;
  const source = from ? serverNamed(from, 'cluster', region) : undefined;
  return {
    endpoints: [
      ...at({ Address: main, Port }, source === undefined ? 'writer' : 'reader'),
      ...at({ Address: reader, Port }, 'reader'),
      ...custom.flatMap((Address) => at({ Address, Port }, 'custom')),
    ],
    source,
  };
}

/** A server that is being made has no address yet. */
function at(endpoint: Endpoint | undefined, kind: ServiceEndpoint['kind']): ServiceEndpoint[] {
  const { Address: host, Port: port } = endpoint ?? {};
  return host && port ? [{ host, port, kind }] : [];
}
