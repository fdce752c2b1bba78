import { CertificateAuthorities, type ConnectLimits, type Login, Password, verifiedTls } from '@keyturn/core';

/** A login at a server of the tests, over TLS that trusts its authority. */
export function loginTo(
  server: { readonly port: number; readonly ca: string; readonly tls?: object | undefined },
  username: string,
  password: string,
  more: Partial<Login> = {},
): Login {
  const host = more.host ?? 'localhost';
  return {
    host,
    port: server.port,
    username,
    password: new Password(password),
    database: 'dev',
    tls: verifiedTls(host, new CertificateAuthorities([server.ca], undefined)),
    ...more,
  };
}

/** Limits that no sound test reaches. */
export function limits(more: Partial<ConnectLimits> = {}): ConnectLimits {
  return { connectTimeoutMs: 20_000, signal: new AbortController().signal, ...more };
}

/** Which of the secrets a text holds: as they are, or as JSON, URL, base64 or hex spell them. */
export function secretsIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));
}

/** A verifier, or a part of one, in SQL, in a log, or in an error. */
export const verifierPattern: RegExp = /md5[0-9a-f]{32}|sha256\|[0-9a-f]{64}/;

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [secret, json, encodeURIComponent(secret), base64, bytes.toString('base64url'), bytes.toString('hex')];
}
