import type { RDSClientConfig } from '@aws-sdk/client-rds';
import { type ManagedServices, RotationError } from '@keyturn/core';
import { RdsApi } from './rds-api.ts';
import { serverOfArn, serverOfHost } from './server-name.ts';
import { endpointsAround, endpointsWithCustom } from './servers.ts';

/** How Amazon RDS is asked. */
export interface RdsOptions {
  /** The address of the RDS API. @default - AWS_ENDPOINT_URL_RDS, else the endpoint of the server's Region */
  readonly endpoint?: string | undefined;
  /** @default - the function's role */
  readonly credentials?: RDSClientConfig['credentials'];
}

/**
 * Amazon RDS, Aurora and DocumentDB: finds the server of a master secret that the service manages, and tells
 * which endpoints are one server's.
 *
 *     singleUser(postgres(), { managedServices: rds() })
 */
export function rds(options: RdsOptions = {}): ManagedServices {
  const apis = new Map<string, RdsApi>();

  // One client for each Region, kept between invocations, and made at the first question: most functions never ask.
  function apiOf(region: string): RdsApi {
    const endpoint = options.endpoint ?? (process.env.AWS_ENDPOINT_URL_RDS || undefined);
    if (endpoint !== undefined && !URL.canParse(endpoint)) {
      throw new RotationError('invalid-configuration', {
        message: 'the option endpoint of rds(), or AWS_ENDPOINT_URL_RDS, is no URL',
      });
    }
    const api = apis.get(region) ?? new RdsApi(region, { endpoint, credentials: options.credentials });
    apis.set(region, api);
    return api;
  }

  return {
    serverTags: ['aws:rds:primaryDBInstanceArn', 'aws:rds:primaryDBClusterArn'],

    async endpointsOf(arn, signal) {
      const server = serverOfArn(arn);
      if (server === undefined) {
        throw new RotationError('service-failed', {
          message: `the tag of the master secret is no ARN of a DB instance or DB cluster: ${JSON.stringify(arn.slice(0, 256))}`,
          remedy: 'Name the server with the option masterService (MASTER_HOST, MASTER_PORT).',
        });
      }
      const endpoints = await endpointsAround(server, apiOf, signal);
      if (endpoints === undefined) {
        throw new RotationError('service-failed', {
          message: `Amazon RDS knows no server ${arn}, which the tag of the master secret names`,
          driverCode: server.type === 'instance' ? 'DBInstanceNotFound' : 'DBClusterNotFoundFault',
          remedy: 'Check that the server still exists and that the secret is its master secret.',
        });
      }
      return endpoints;
    },

    async endpointsWith(givenHost, signal) {
      const host = givenHost.toLowerCase().replace(/\.$/, '');
      const named = serverOfHost(host);
      if (named === undefined) return undefined;
      const endpoints =
        named.type === 'custom-endpoint'
          ? await endpointsWithCustom(named, apiOf, signal)
          : await endpointsAround(named, apiOf, signal);
      // A server of that name may be there and have another address: one of another account, say.
      return endpoints?.some((endpoint) => endpoint.host.toLowerCase() === host) ? endpoints : undefined;
    },
  };
}
