const accountId = '123456789012';
const hash = 'c9akciq32xyz';

/** An instance as the API describes it. */
export interface FleetInstance {
  readonly identifier: string;
  readonly region: string;
  /** Undefined while it is being made. */
  readonly address: string | undefined;
  readonly port: number;
  readonly listener?: string;
  readonly cluster?: string;
  /** By identifier in the same Region, by ARN in another one. */
  readonly sourceInstance?: string;
  readonly sourceCluster?: string;
}

/** A cluster as the API describes it. */
export interface FleetCluster {
  readonly identifier: string;
  readonly region: string;
  readonly writer: string;
  readonly reader: string;
  readonly port: number;
  /** Identifiers of its custom endpoints. */
  readonly custom: readonly string[];
  /** Whether the description of the cluster names their addresses. @default true */
  readonly listsCustom?: boolean;
  readonly source?: string;
}

type InstanceOptions = Partial<Omit<FleetInstance, 'identifier'>>;
type ClusterOptions = Partial<Omit<FleetCluster, 'identifier' | 'writer' | 'reader'>>;

/** The servers of an account, in every Region, with addresses as RDS gives them. */
export class Fleet {
  readonly instances: FleetInstance[] = [];
  readonly clusters: FleetCluster[] = [];

  /** @returns its ARN */
  addInstance(identifier: string, options: InstanceOptions = {}): string {
    const { region = 'us-east-1' } = options;
    this.instances.push({ identifier, region, address: address(identifier, '', region), port: 5432, ...options });
    return arnOf('db', identifier, region);
  }

  /** @returns its ARN */
  addCluster(identifier: string, options: ClusterOptions = {}): string {
    const { region = 'us-east-1' } = options;
    this.clusters.push({
      identifier,
      region,
      writer: address(identifier, 'cluster-', region),
      reader: address(identifier, 'cluster-ro-', region),
      port: 5432,
      custom: [],
      ...options,
    });
    return arnOf('cluster', identifier, region);
  }
}

/**
 * The address that RDS gives.
 * @param kind `''` for an instance, else `cluster-`, `cluster-ro-` or `cluster-custom-`
 */
export function address(identifier: string, kind: string, region: string): string {
  return region.startsWith('cn-')
    ? `${identifier}.${kind}${hash}.rds.${region}.amazonaws.com.cn`
    : `${identifier}.${kind}${hash}.${region}.rds.amazonaws.com`;
}

export function arnOf(type: 'db' | 'cluster', identifier: string, region: string): string {
  return `arn:${region.startsWith('cn-') ? 'aws-cn' : 'aws'}:rds:${region}:${accountId}:${type}:${identifier}`;
}
