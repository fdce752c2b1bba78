import { isIP } from 'node:net';
import * as tls from 'node:tls';
import { type Login, RotationError, type VerifiedTls } from '@keyturn/core';

/** One server of a replica set, or the only one. */
export interface Member {
  readonly host: string;
  readonly port: number;
}

/**
 * The servers that the key `host` names: one, or several with commas between them, each with a port of its own
 * where it is not the login's.
 * @throws RotationError `invalid-secret`
 */
export function membersOf({ host, port }: Pick<Login, 'host' | 'port'>): readonly Member[] {
  // An IPv6 address alone has colons, and no port.
  if (isIP(host) !== 0) return [{ host, port }];
  return host.split(',').map((text) => {
    const member = memberOf(text.trim(), port);
    if (member !== undefined) return member;
    throw new RotationError('invalid-secret', {
      message: 'host is no list of host names, each with or without a port',
    });
  });
}

/** Reads `db1.example.com:27018`, `[2001:db8::1]:27018` or either without a port; undefined for anything else. */
export function memberOf(text: string, defaultPort: number): Member | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([\p{L}\p{N}._-]{1,255}))(?::(\d{1,5}))?$/u.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3] ?? defaultPort);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

export function sameMember(a: Member, b: Member): boolean {
  return a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port;
}

/**
 * The TLS options for one member: those of the login as they are for the host that it names; for any other, the
 * same authorities, and the name of that one.
 */
export function tlsFor(member: Member, login: Login): VerifiedTls | false {
  if (login.tls === false || member.host === login.host) return login.tls;
  const { servername: _ofTheLogin, ...options } = login.tls;
  const name = member.host.replace(/\.$/, '');
  return {
    ...options,
    checkServerIdentity: (_servername, certificate) => tls.checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}),
  };
}
