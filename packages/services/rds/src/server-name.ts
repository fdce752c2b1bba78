/** An instance or a cluster, as a call names it. */
export interface ServerName {
  readonly type: 'instance' | 'cluster';
  readonly region: string;
  /** The identifier, or the ARN: the calls take both. */
  readonly id: string;
}

/** A custom endpoint of a cluster, of which only its own call knows the cluster. */
export interface CustomEndpointName {
  readonly type: 'custom-endpoint';
  readonly region: string;
  readonly id: string;
}

/** The ARN of an instance or a cluster; undefined for any other text. */
export function serverOfArn(arn: string): ServerName | undefined {
  if (arn.length > 256) return undefined;
  const [, region, type] = /^arn:[a-z-]+:rds:([a-z0-9-]+):\d{12}:(db|cluster):[A-Za-z0-9-]+$/.exec(arn) ?? [];
  if (region === undefined) return undefined;
  return { type: type === 'db' ? 'instance' : 'cluster', region, id: arn };
}

/**
 * What a member such as ReadReplicaSourceDBInstanceIdentifier names: by identifier in the same Region, by ARN in
 * another one.
 */
export function serverNamed(id: string, type: ServerName['type'], region: string): ServerName {
  return serverOfArn(id) ?? { type, region, id };
}

/**
 * What the form of an endpoint's name says to ask for; undefined for names that are not those of instances and
 * clusters, such as a CNAME or an RDS Proxy. It proves nothing: only the answer tells whether the host is one.
 *
 *     name.hash.region.rds.amazonaws.com                instance (in China: …rds.region.amazonaws.com.cn)
 *     name.cluster-hash.… and name.cluster-ro-hash.…    cluster
 *     name.cluster-custom-hash.…                        custom endpoint
 *
 * DocumentDB's names hold `docdb` instead of `rds`; the API is the same.
 */
export function serverOfHost(host: string): ServerName | CustomEndpointName | undefined {
  const [id, hash, third, fourth, ...suffix] = host.split('.');
  if (id === undefined || hash === undefined || third === undefined || fourth === undefined) return undefined;
  if (!/^amazonaws\.com(\.cn)?$/.test(suffix.join('.'))) return undefined;
  const region = [third, fourth].find((label) => /^[a-z]{2}(-[a-z]+)+-\d+$/.test(label));
  const service = [third, fourth].find((label) => label === 'rds' || label === 'docdb');
  if (region === undefined || service === undefined || !/^[a-z][a-z0-9-]*$/.test(id)) return undefined;
  if (hash.startsWith('cluster-custom-')) return { type: 'custom-endpoint', region, id };
  if (hash.startsWith('cluster-')) return { type: 'cluster', region, id };
  return hash.includes('-') ? undefined : { type: 'instance', region, id };
}
