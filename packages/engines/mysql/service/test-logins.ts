import { createHash, randomBytes } from 'node:crypto';
import * as tls from 'node:tls';
import { inspect } from 'node:util';
import { type ConnectLimits, type Login, Password, RotationError, type VerifiedTls } from '@keyturn/core';
import { recordError, recordSecret } from '@keyturn/engine-conformance';
import { createConnection } from 'mysql2/promise';

/** A password that no output may hold: easy to find wherever it turns up. */
export function markedPassword(): string {
  const text = `MARK-${randomBytes(12).toString('base64url')}`;
  recordSecret(text);
  return text;
}

/** TLS that verifies the certificate against this authority and this host. */
function verified(host: string, ca: string): VerifiedTls {
  return {
    ca: [ca],
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(host, certificate),
    ...(/^[\d.]+$/.test(host) ? {} : { servername: host }),
  };
}

/** A login to a server, verified; `change` replaces what should be otherwise. */
export function loginTo(
  server: { readonly port: number; readonly ca: string },
  username: string,
  password: string,
  change: Partial<Login> = {},
): Login {
  const host = change.host ?? 'localhost';
  return {
    host,
    port: server.port,
    username,
    password: new Password(password),
    database: undefined,
    tls: verified(host, server.ca),
    ...change,
  };
}

/** A login in the clear through the bare driver, as it comes. */
export async function carelessLogin(port: number): Promise<void> {
  const connection = await createConnection({ host: 'localhost', port, user: 'app_user', password: 'x' });
  await connection.end();
}

/** Time enough for whatever is not about time. */
export function limits(connectTimeoutMs = 10_000): ConnectLimits {
  return { connectTimeoutMs, signal: new AbortController().signal };
}

/** The RotationError that `work` rejects with; anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<RotationError> {
  try {
    await work;
  } catch (error) {
    recordError(error);
    if (error instanceof RotationError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/**
 * Whatever an error says, however it is printed: with what is hidden in it.
 * @returns which of the secrets, or of what stands for them in a login, it holds
 */
export function secretsIn(failure: RotationError, ...secrets: readonly string[]): readonly string[] {
  const printed = [
    inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
    JSON.stringify(failure),
    String(failure),
    failure.stack,
  ].join('\n');
  const spellings = secrets.flatMap((secret) => {
    const once = createHash('sha1').update(secret).digest();
    const twice = createHash('sha1').update(once).digest('hex');
    return [secret, twice, twice.toUpperCase(), once.toString('hex'), once.toString('base64')];
  });
  return spellings.filter((spelling) => printed.includes(spelling));
}
