import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import {
  CertificateAuthorities,
  type ConnectLimits,
  type Login,
  Password,
  RotationError,
  verifiedTls,
} from '@keyturn/core';
import { recordError, recordSecret } from './taint/taint-record.ts';

/** A password that no output may hold: easy to find wherever it turns up. */
export function markedPassword(): string {
  const text = `MARK-${randomBytes(12).toString('base64url')}`;
  recordSecret(text);
  return text;
}

/** A login to a server, verified as core does it; `change` replaces what should be otherwise. */
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
    tls: verifiedTls(host, new CertificateAuthorities([server.ca], undefined)),
    ...change,
  };
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
 * @returns which of the secrets, or of the digests that stand for them in logins and catalogues, it holds
 */
export function secretsIn(failure: unknown, ...secrets: readonly string[]): readonly string[] {
  const printed = [
    inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
    JSON.stringify(failure),
    String(failure),
    failure instanceof Error ? failure.stack : undefined,
  ].join('\n');
  return secrets.flatMap(spellingsOf).filter((spelling) => printed.includes(spelling));
}

function spellingsOf(secret: string): readonly string[] {
  const once = createHash('sha1').update(secret).digest();
  const digests = [once, createHash('sha1').update(once).digest(), createHash('sha256').update(secret).digest()];
  return [
    secret,
    ...digests.flatMap((digest) => [
      digest.toString('hex'),
      digest.toString('hex').toUpperCase(),
      digest.toString('base64'),
    ]),
  ];
}
