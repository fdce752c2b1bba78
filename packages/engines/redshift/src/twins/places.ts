import { RotationError, type TwinPair } from '@keyturn/core';
import { codeOf, type PgConnection } from '@keyturn/driver-pg';
import { shownName } from '../quoting.ts';
import { statementError } from '../statement-errors.ts';
import { type Difference, differencesIn } from './differences.ts';
import { cannotRead, notSuperuser } from './refusals.ts';
import { type Extent, readSnapshot, rowsOf, type Snapshot } from './snapshot.ts';

/** What a user of the engine has chosen. */
export interface TwinOptions {
  readonly ownedObjects?: 'refuse' | 'grant';
  readonly databases?: readonly string[];
}

/** One database, and what differs there. */
export interface Place {
  readonly connection: PgConnection;
  readonly extent: Extent;
  /** @default - the database of the master's login */
  readonly database?: string;
  readonly snapshot: Snapshot;
  readonly differences: readonly Difference[];
}

/** Databases that Redshift keeps for itself, and that nobody is let into. */
const internal = /^(padb_harvest|template[01]|sys:internal)$/;

/** Reads the cluster and the database of the master's login. @throws RotationError `missing-privilege` */
export async function readHere(connection: PgConnection, pair: TwinPair, options: TwinOptions): Promise<Place> {
  const place = await readPlace(connection, pair, 'cluster', options);
  const [me] = rowsOf(place.snapshot, 'me');
  if (me?.usesuper !== true) throw notSuperuser(connection.where, connection.login.username);
  return place;
}

/** Logs in to every other database, reads it, and lends them all; closes them whatever happens. */
export async function withOtherPlaces<T>(
  here: Place,
  pair: TwinPair,
  options: TwinOptions,
  use: (others: readonly Place[]) => Promise<T>,
): Promise<T> {
  const connections: PgConnection[] = [];
  try {
    const others: Place[] = [];
    for (const database of otherDatabases(here, options)) {
      const connection = await openDatabase(here.connection, database);
      connections.push(connection);
      others.push({ ...(await readPlace(connection, pair, 'database', options)), database });
    }
    return await use(others);
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

/** The differences that a snapshot shows, under the same choices. */
export function differencesOf(snapshot: Snapshot, pair: TwinPair, options: TwinOptions): readonly Difference[] {
  return differencesIn(snapshot, pair, options.ownedObjects ?? 'refuse');
}

async function readPlace(
  connection: PgConnection,
  pair: TwinPair,
  extent: Extent,
  options: TwinOptions,
): Promise<Place> {
  try {
    const snapshot = await readSnapshot(connection, pair, extent);
    return { connection, extent, snapshot, differences: differencesOf(snapshot, pair, options) };
  } catch (error) {
    if (codeOf(error) === '42501') throw cannotRead(connection.where, connection.login.username, '42501');
    throw statementError(error, connection.where);
  }
}

function otherDatabases({ connection, snapshot }: Place, { databases }: TwinOptions): readonly string[] {
  const local = rowsOf(snapshot, 'databases').map((row) => String(row.database_name));
  return (databases ?? local)
    .filter((name) => name !== (connection.login.database ?? 'dev') && !internal.test(name))
    .toSorted();
}

async function openDatabase(connection: PgConnection, database: string): Promise<PgConnection> {
  try {
    return await connection.openAnother(database);
  } catch (error) {
    const refused = error instanceof RotationError ? error : statementError(error, connection.where);
    if (!/^(unknown-database|missing-privilege|login-not-allowed)$/.test(refused.code)) throw refused;
    throw new RotationError('rights-not-cloneable', {
      ...connection.where,
      driverCode: refused.driverCode,
      message: `the rights in database ${shownName(database)} cannot be read: the administrator cannot log in to it`,
      remedy: 'Let the administrator log in to it, or name the databases that count with the option databases.',
    });
  }
}
