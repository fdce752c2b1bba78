import { MongoClient } from 'mongodb';
import type { Dialect } from './double/context.ts';
import type { Mechanism } from './double/credentials.ts';

/** Where a server is, and how it is reached. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** PEM; undefined: in the clear. */
  readonly ca: string | undefined;
  readonly mechanisms: readonly Mechanism[];
}

/** Who logs in. */
export interface Credential {
  readonly db: string;
  readonly username: string;
  readonly password: string;
}

/** The vendor's own driver, for one member. */
export function clientOf({ host, port, ca, mechanisms }: ServerAddress, credential: Credential): MongoClient {
  const { db, username, password } = credential;
  return new MongoClient(`mongodb://${host}:${port}/`, {
    auth: { username, password },
    authSource: db,
    // The driver takes a server that lists no mechanism, as for a user that there is not, for one of the newest.
    ...(mechanisms.includes('SCRAM-SHA-256') ? {} : { authMechanism: 'SCRAM-SHA-1' as const }),
    directConnection: true,
    retryWrites: false,
    serverSelectionTimeoutMS: 10_000,
    ...(ca === undefined ? {} : { tls: true, ca }),
  });
}

/** Whether this user logs in with this password now: through the vendor's own driver. */
export async function logsIn(address: ServerAddress, credential: Credential): Promise<boolean> {
  const client = clientOf(address, credential);
  try {
    await client.connect();
    await client.db(credential.db).command({ ping: 1 });
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 18) return false;
    throw error;
  } finally {
    await client.close();
  }
}

/**
 * Of `,` and `=` in a name the vendor's driver escapes the first alone, and for SCRAM-SHA-1 it makes its digest of
 * the escaped name. The engine, which does not use that part of the driver, takes such names.
 */
export function beyondTheDriver({ mechanisms }: Pick<Dialect, 'mechanisms'>, name: string): string | undefined {
  const beyond = mechanisms.includes('SCRAM-SHA-256') ? /,.*,|=.*=/su : /[,=]/u;
  return beyond.test(name) ? "the vendor's driver cannot log in with such a name" : undefined;
}
