import { address, arnOf, type Fleet, type FleetCluster, type FleetInstance } from './fleet.ts';
import { invalidValue, type QueryRequest, RdsRefusal } from './query-request.ts';

/** One record of an answer: text, or what stands inside the element. */
type Xml = string | number | undefined | readonly XmlElement[];
type XmlElement = readonly [name: string, content: Xml];

/** The records that an action answers with, and what each is called in XML. */
export interface Answer {
  readonly list: string;
  readonly member: string;
  readonly records: readonly (readonly XmlElement[])[];
}

/** @throws RdsRefusal where there is no such server */
export function answer(fleet: Fleet, { action, parameters }: QueryRequest, region: string): Answer {
  switch (action) {
    case 'DescribeDBInstances': {
      const here = fleet.instances.filter((instance) => instance.region === region);
      const records = named(here, 'db', parameters.get('DBInstanceIdentifier'), region).map(instanceXml);
      return { list: 'DBInstances', member: 'DBInstance', records };
    }
    case 'DescribeDBClusters': {
      const here = fleet.clusters.filter((cluster) => cluster.region === region);
      const records = named(here, 'cluster', parameters.get('DBClusterIdentifier'), region).map(clusterXml);
      return { list: 'DBClusters', member: 'DBCluster', records };
    }
    default: {
      const here = fleet.clusters.filter((cluster) => cluster.region === region);
      const wanted = parameters.get('DBClusterEndpointIdentifier')?.toLowerCase();
      const records = named(here, 'cluster', parameters.get('DBClusterIdentifier'), region)
        .flatMap((cluster) => cluster.custom.map((custom) => ({ cluster, custom })))
        // The API's reference names no error for an endpoint that is not there: the list is empty.
        .filter(({ custom }) => wanted === undefined || custom === wanted)
        .map(({ cluster, custom }) => endpointXml(cluster, custom));
      return { list: 'DBClusterEndpoints', member: 'DBClusterEndpointList', records };
    }
  }
}

function named<T extends { readonly identifier: string }>(
  all: readonly T[],
  type: 'db' | 'cluster',
  id: string | undefined,
  region: string,
): readonly T[] {
  if (id === undefined) return all;
  const identifier = identifierOf(id, type, region);
  const found = all.filter((server) => server.identifier === identifier);
  if (found.length > 0) return found;
  throw type === 'db'
    ? new RdsRefusal('DBInstanceNotFound', `DBInstance ${identifier} not found.`, 404)
    : new RdsRefusal('DBClusterNotFoundFault', `DBCluster ${identifier} not found.`, 404);
}

function identifierOf(id: string, type: 'db' | 'cluster', region: string): string {
  const identifier = id.startsWith('arn:') ? id.slice(id.lastIndexOf(':') + 1) : id;
  if (!/^[a-z](-?[a-z0-9])*$/i.test(identifier) || identifier.length > 63) {
    throw invalidValue(`Invalid database identifier: ${id}`);
  }
  if (id.startsWith('arn:') && id !== arnOf(type, identifier, region)) {
    throw invalidValue(`The ARN is not one of this account, Region and resource type: ${id}`);
  }
  return identifier.toLowerCase();
}

function instanceXml(instance: FleetInstance): XmlElement[] {
  const { identifier, region, port, listener } = instance;
  const endpoint = (host: string | undefined): Xml =>
    host === undefined
      ? undefined
      : [
          ['Address', host],
          ['Port', port],
          ['HostedZoneId', 'Z2R2ITUGPM61AM'],
        ];
  return [
    ['DBInstanceIdentifier', identifier],
    ['DBInstanceStatus', instance.address === undefined ? 'creating' : 'available'],
    ['Engine', 'postgres'],
    ['Endpoint', endpoint(instance.address)],
    ['ListenerEndpoint', endpoint(listener)],
    ['DBInstanceArn', arnOf('db', identifier, region)],
    ['DBClusterIdentifier', instance.cluster],
    ['ReadReplicaSourceDBInstanceIdentifier', instance.sourceInstance],
    ['ReadReplicaSourceDBClusterIdentifier', instance.sourceCluster],
    ['ReadReplicaDBInstanceIdentifiers', []],
    ['DbiResourceId', 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ];
}

function clusterXml(cluster: FleetCluster): XmlElement[] {
  const { identifier, region, listsCustom = true } = cluster;
  const custom = listsCustom ? cluster.custom : [];
  return [
    ['DBClusterIdentifier', identifier],
    ['Status', 'available'],
    ['Engine', 'aurora-postgresql'],
    ['Endpoint', cluster.writer],
    ['ReaderEndpoint', cluster.reader],
    ['CustomEndpoints', custom.map((each) => ['member', address(each, 'cluster-custom-', region)] as const)],
    ['Port', cluster.port],
    ['DBClusterArn', arnOf('cluster', identifier, region)],
    ['ReplicationSourceIdentifier', cluster.source],
  ];
}

function endpointXml({ identifier, region }: FleetCluster, custom: string): XmlElement[] {
  return [
    ['DBClusterEndpointIdentifier', custom],
    ['DBClusterIdentifier', identifier],
    ['Endpoint', address(custom, 'cluster-custom-', region)],
    ['Status', 'available'],
    ['EndpointType', 'CUSTOM'],
    ['CustomEndpointType', 'ANY'],
  ];
}

/** XML of a list of elements; what is undefined is left out. */
export function xml(elements: readonly XmlElement[]): string {
  return elements
    .map(([name, content]) => {
      if (content === undefined) return '';
      if (typeof content === 'object') return `<${name}>${xml(content)}</${name}>`;
      return `<${name}>${String(content).replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`)}</${name}>`;
    })
    .join('');
}
