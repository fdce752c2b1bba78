import type { DeclaredHost } from './same-service.ts';
import { isHostName } from './service-address.ts';

/** Options that say where servers are and which addresses lead to the same one. */
export interface ServiceOptions {
  /**
   * Where the server of a managed master secret is: such a secret holds only username and password. With it no
   * service has to be asked. @default - MASTER_HOST and MASTER_PORT, then the strategy's option managedServices
   */
  readonly masterService?: MasterServiceOptions | undefined;
  /**
   * Hosts that lead to the same server though their names differ, such as a CNAME, or an RDS Proxy with its
   * database: one list a server, each entry a host, with its port where the ports differ:
   * `[['proxy.example:5432', 'db.example:5433']]`. @default - SAME_SERVICE: `a.example=b.example;c.example=d.example`
   */
  readonly sameService?: readonly (readonly string[])[] | undefined;
}

/** Where a server is. */
export interface MasterServiceOptions {
  readonly host: string;
  /** @default - the engine's port */
  readonly port?: number | undefined;
}

/** The same, read and checked. */
export interface ServiceSettings {
  /** The port is undefined where the engine's is meant. */
  readonly masterService: { readonly host: string; readonly port: number | undefined } | undefined;
  readonly sameService: readonly (readonly DeclaredHost[])[];
}

/** @param faults gets a line for each option and variable that is wrong; no value stands in it */
export function readServiceSettings(
  options: ServiceOptions,
  env: NodeJS.ProcessEnv,
  faults: string[],
): ServiceSettings {
  return {
    masterService:
      options.masterService === undefined ? masterOfEnv(env, faults) : masterOfOptions(options.masterService, faults),
    sameService:
      options.sameService === undefined
        ? declared(groupsOf(env.SAME_SERVICE ?? ''), 'SAME_SERVICE', faults)
        : declared(options.sameService, 'the option sameService', faults),
  };
}

function masterOfOptions({ host, port }: MasterServiceOptions, faults: string[]): ServiceSettings['masterService'] {
  if (!isHostName(host)) faults.push('the option masterService.host must be a host name or an address');
  if (port !== undefined && !isPort(port)) {
    faults.push('the option masterService.port must be a whole number from 1 to 65535');
  }
  return { host, port };
}

function masterOfEnv(env: NodeJS.ProcessEnv, faults: string[]): ServiceSettings['masterService'] {
  const host = env.MASTER_HOST?.trim() || undefined;
  const portText = env.MASTER_PORT?.trim() || undefined;
  const port = portText === undefined ? undefined : portOf(portText);
  if (host !== undefined && !isHostName(host)) faults.push('MASTER_HOST must be a host name or an address');
  if (portText !== undefined && port === undefined) faults.push('MASTER_PORT must be a whole number from 1 to 65535');
  if (host === undefined && portText !== undefined) faults.push('MASTER_PORT needs MASTER_HOST beside it');
  return host === undefined ? undefined : { host, port };
}

function groupsOf(text: string): string[][] {
  return text
    .split(';')
    .filter((group) => group.trim() !== '')
    .map((group) => group.split('='));
}

function declared(
  groups: readonly (readonly string[])[],
  name: string,
  faults: string[],
): readonly (readonly DeclaredHost[])[] {
  return groups.map((group) => {
    const hosts = group.map((text) => declaredHost(text.trim()));
    const known = hosts.filter((host) => host !== undefined);
    if (known.length < Math.max(2, group.length)) {
      faults.push(`${name} must name two hosts or more for each server, each a host name, host:port or [address]:port`);
    }
    return known;
  });
}

function declaredHost(text: string): DeclaredHost | undefined {
  // A bare address of IPv6 holds colons, and so has no port.
  const [, address, name, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::([^:]*))?$/.exec(text) ?? [];
  const host = address ?? name ?? text;
  const port = portText === undefined ? undefined : portOf(portText);
  if (!isHostName(host) || (portText !== undefined && port === undefined)) return undefined;
  return { host, port };
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return isPort(port) ? port : undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
