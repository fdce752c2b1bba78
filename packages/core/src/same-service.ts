import { plainHost, type ServiceAddress } from './service-address.ts';

/** A host that is declared to lead to the same server as others. */
export interface DeclaredHost {
  readonly host: string;
  /** Undefined: any port, where the other address has the same one. */
  readonly port: number | undefined;
}

/** Hosts that lead to the same server, as the configuration declares them: each list is one server. */
export interface DeclaredServices {
  readonly sameService: readonly (readonly DeclaredHost[])[];
}

/**
 * Whether two addresses lead to the same service: the hosts are equal without regard to case and a trailing dot,
 * and so are the ports; or the configuration declares it (option `sameService`, SAME_SERVICE).
 *
 *     sameService(pending, current, rotation.settings)
 *
 * @param declared `rotation.settings` @default - nothing is declared
 */
export function sameService(a: ServiceAddress, b: ServiceAddress, declared?: DeclaredServices): boolean {
  if (plainHost(a.host) === plainHost(b.host) && a.port === b.port) return true;
  return (declared?.sameService ?? []).some((hosts) => {
    const forA = hosts.filter((host) => isDeclared(host, a));
    const forB = hosts.filter((host) => isDeclared(host, b));
    if (a.port === b.port) return forA.length > 0 && forB.length > 0;
    // Another port is another server, unless both are declared: a proxy listens where its server does not.
    return forA.some(hasPort) && forB.some(hasPort);
  });
}

function isDeclared({ host, port }: DeclaredHost, address: ServiceAddress): boolean {
  return plainHost(host) === plainHost(address.host) && (port ?? address.port) === address.port;
}

function hasPort({ port }: DeclaredHost): boolean {
  return port !== undefined;
}
