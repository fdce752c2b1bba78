import * as tls from 'node:tls';
import { type ConnectLimits, type Login, Password, RotationError, type VerifiedTls } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import type { RunningOracle } from './oracle-server.ts';

/** A login to a double, over verified TLS. */
export function loginTo(
  server: Pick<RunningOracle, 'host' | 'port' | 'ca' | 'database'>,
  username: string,
  password: string,
  change: Partial<Login> = {},
): Login {
  const { host, port, database } = server;
  return {
    host,
    port,
    username,
    password: new Password(password),
    database,
    tls: verifiedTlsTo(host, server.ca),
    ...change,
  };
}

/** As core makes them. */
export function verifiedTlsTo(host: string, ca: string): VerifiedTls {
  return {
    ca: [ca],
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(host, certificate),
    servername: host,
  };
}

export function limits(connectTimeoutMs = 10_000, signal: AbortSignal = new AbortController().signal): ConnectLimits {
  return { connectTimeoutMs, signal };
}

/** The failure of this, which is one of ours, noted for the search for passwords. */
export async function failureOf(work: Promise<unknown>): Promise<RotationError> {
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  recordError(error);
  if (!(error instanceof RotationError)) throw new Error(`no RotationError: ${String(error)}`);
  return error;
}
