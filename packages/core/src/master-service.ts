import { endpointOf, type SecretRules } from './engine.ts';
import { RotationError } from './errors.ts';
import type { ManagedServices, ServiceEndpoint } from './managed-services.ts';
import type { Rotation } from './rotation.ts';
import { sameService } from './same-service.ts';
import { plainHost, type ServiceAddress } from './service-address.ts';

/**
 * Where the master may log in. The master's credential goes to an address that the master secret, the
 * configuration or the service itself names, never to one that only the rotated secret names: otherwise
 * whoever can write that secret could have the master's credential sent anywhere.
 */
export class MasterService {
  readonly #rules: SecretRules;
  /** Where the rotated secret says that its server is. */
  readonly #current: ServiceAddress;
  readonly #rotation: Rotation;
  readonly #managedServices: ManagedServices | undefined;

  constructor(
    rules: SecretRules,
    current: ServiceAddress,
    rotation: Rotation,
    managedServices: ManagedServices | undefined,
  ) {
    this.#rules = rules;
    this.#current = current;
    this.#rotation = rotation;
    this.#managedServices = managedServices;
  }

  /**
   * Checks that the rotated secret's server is the one at this address. A service is asked only if neither the
   * names nor the configuration tell.
   * @throws RotationError `service-mismatch`
   */
  async check(master: ServiceAddress): Promise<void> {
    const { settings } = this.#rotation;
    if (sameService(master, this.#current, settings)) return;
    if (plainHost(master.host) !== plainHost(this.#current.host)) {
      const endpoints = await this.#endpointsOfCurrent();
      if (isAmong(endpoints, this.#current) && isAmong(endpoints, master)) return;
    }
    throw mismatch();
  }

  /**
   * Finds where the user of a managed master secret logs in: at the address that the configuration gives, else
   * where the server that the secret's system tags name takes writes.
   * @throws RotationError `service-mismatch` if the rotated secret's server is another one; `invalid-secret` if
   *   neither configuration nor tags tell
   */
  async find(masterArn: string): Promise<ServiceAddress> {
    const { masterService } = this.#rotation.settings;
    if (masterService !== undefined) {
      const given = { host: masterService.host, port: masterService.port ?? this.#rules.defaultPort };
      await this.check(given);
      return given;
    }
    const managedServices = this.#managedServices;
    if (managedServices === undefined) throw notLocated('the master secret has no key host');
    const serverArn = await this.#serverArn(masterArn, managedServices);
    const endpoints = await this.#ask((signal) => managedServices.endpointsOf(serverArn, signal));
    const [writer] = endpoints;
    if (writer === undefined) {
      throw new RotationError('service-failed', { message: 'the server of the master secret has no endpoint yet' });
    }
    const { settings, log } = this.#rotation;
    if (!endpoints.some((endpoint) => sameService(endpoint, this.#current, settings))) {
      // A member of the cluster, or a replica of the server, knows where it belongs.
      const around = await this.#endpointsOfCurrent();
      if (!isAmong(around, this.#current) || !isAmong(around, writer)) throw mismatch();
    }
    log.info('master-service-found', { endpoint: endpointOf(writer), server: serverArn });
    return { host: writer.host, port: writer.port };
  }

  async #serverArn(masterArn: string, { serverTags }: ManagedServices): Promise<string> {
    const { tags } = await this.#rotation.manager.describe(masterArn);
    const byKey = new Map([...tags].map(([key, value]) => [key.toLowerCase(), value]));
    for (const tag of serverTags) {
      const arn = byKey.get(tag.toLowerCase());
      if (arn !== undefined) return arn;
    }
    throw notLocated(`the master secret has neither the key host nor a tag ${serverTags.join(' or ')}`);
  }

  async #endpointsOfCurrent(): Promise<readonly ServiceEndpoint[]> {
    const managedServices = this.#managedServices;
    if (managedServices === undefined) return [];
    return (await this.#ask((signal) => managedServices.endpointsWith(this.#current.host, signal))) ?? [];
  }

  async #ask<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { deadline } = this.#rotation;
    deadline.check('ask the service for the endpoints of a server');
    return await ask(deadline.signal);
  }
}

function isAmong(endpoints: readonly ServiceEndpoint[], address: ServiceAddress): boolean {
  return endpoints.some((endpoint) => sameService(endpoint, address));
}

function mismatch(): RotationError {
  return new RotationError('service-mismatch', {
    message: 'the master secret and AWSCURRENT name different hosts or ports',
    remedy:
      'Let AWSCURRENT and the master secret name the same server. If they do under two names, declare them: option sameService, SAME_SERVICE; for endpoints of one server of RDS or Aurora, give the strategy the option managedServices.',
  });
}

function notLocated(message: string): RotationError {
  return new RotationError('invalid-secret', {
    message: `${message}, so that it does not tell where its server is`,
    remedy:
      'Say where the server is with the option masterService, or MASTER_HOST and MASTER_PORT; or give the strategy the option managedServices (for RDS and Aurora: rds() of @keyturn/rds), and let a service that manages the secret tag it.',
  });
}
