import {
  type DBCluster,
  type DBClusterEndpoint,
  type DBInstance,
  DescribeDBClusterEndpointsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  type RDSClientConfig,
} from '@aws-sdk/client-rds';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { isNotFound, type RdsOperation, rdsError } from './rds-errors.ts';

/** How the API is reached. */
export interface RdsApiOptions {
  /** @default - the Region's endpoint */
  readonly endpoint: string | undefined;
  /** @default - the function's role */
  readonly credentials: RDSClientConfig['credentials'];
}

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly marker: string | undefined;
}

/**
 * The calls of one Region: the only code that calls the SDK. Every failure is a RotationError that names the
 * operation, except that a server which is not there is undefined.
 */
export class RdsApi {
  readonly #client: RDSClient;
  readonly #endpoint: string;

  constructor(region: string, { endpoint, credentials }: RdsApiOptions) {
    this.#endpoint = endpoint === undefined ? defaultEndpoint(region) : hostAndPort(endpoint);
    this.#client = new RDSClient({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
      maxAttempts: 3,
      // Short waits: from subnets without a way out nothing ever answers, and the time is for saying so.
      requestHandler: new NodeHttpHandler({
        connectionTimeout: 3_000,
        requestTimeout: 5_000,
        throwOnRequestTimeout: true,
      }),
    });
  }

  /** @param id an identifier or an ARN */
  instance(id: string, abortSignal: AbortSignal): Promise<DBInstance | undefined> {
    return this.#first('DescribeDBInstances', async (Marker) => {
      const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id, Marker });
      const page = await this.#client.send(command, { abortSignal });
      return { items: page.DBInstances, marker: page.Marker };
    });
  }

  /** @param id an identifier or an ARN */
  cluster(id: string, abortSignal: AbortSignal): Promise<DBCluster | undefined> {
    return this.#first('DescribeDBClusters', async (Marker) => {
      const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id, Marker });
      const page = await this.#client.send(command, { abortSignal });
      return { items: page.DBClusters, marker: page.Marker };
    });
  }

  /** @param id the identifier of a custom endpoint */
  customEndpoint(id: string, abortSignal: AbortSignal): Promise<DBClusterEndpoint | undefined> {
    return this.#first('DescribeDBClusterEndpoints', async (Marker) => {
      const command = new DescribeDBClusterEndpointsCommand({ DBClusterEndpointIdentifier: id, Marker });
      const page = await this.#client.send(command, { abortSignal });
      return { items: page.DBClusterEndpoints, marker: page.Marker };
    });
  }

  /** One server has one description, but a page may come before it that holds none. */
  async #first<T>(
    operation: RdsOperation,
    read: (marker: string | undefined) => Promise<Page<T>>,
  ): Promise<T | undefined> {
    try {
      let marker: string | undefined;
      do {
        const page = await read(marker);
        const [item] = page.items ?? [];
        if (item !== undefined) return item;
        marker = page.marker;
      } while (marker !== undefined && marker !== '');
      return undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw rdsError(operation, error, this.#endpoint);
    }
  }
}

function defaultEndpoint(region: string): string {
  return `rds.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}:443`;
}

function hostAndPort(endpoint: string): string {
  const { hostname, port, protocol } = new URL(endpoint);
  return `${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`;
}
