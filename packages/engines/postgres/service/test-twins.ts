import { type CloneReport, Password, type TwinAdmin, type TwinPair, withConnection } from '@keyturn/core';
import pg from 'pg';
import { type PostgresConnection, postgres } from '../src/index.ts';
import type { RunningPostgres } from './running-postgres.ts';
import { limits, loginTo } from './test-login.ts';

/** Who clones: a superuser, or the administrator, who has CREATEROLE and no more. */
export type Master = 'superuser' | 'administrator';
export const masters: readonly Master[] = ['superuser', 'administrator'];

/** A base and its twin; nobody else knows the next user. */
export function pairOf(base: string, more: Partial<TwinPair> = {}): TwinPair {
  const twin = `${base}_clone`;
  const current = more.current ?? base;
  return {
    base,
    twin,
    current,
    next: current === base ? twin : base,
    password: new Password('not used here'),
    isKnown: async () => false,
    ...more,
  };
}

/** The engine's twins, on a login of the master. */
export function asMaster<T>(
  server: RunningPostgres,
  master: Master | { readonly username: string; readonly password: string },
  use: (twins: TwinAdmin<PostgresConnection>, connection: PostgresConnection) => Promise<T>,
): Promise<T> {
  const engine = postgres();
  const twins = engine.admin?.twins;
  if (twins === undefined) throw new Error('the engine has no twins');
  const { username, password } = typeof master === 'string' ? server[master] : master;
  return withConnection(engine, loginTo(server, username, password), limits(), (connection) => use(twins, connection));
}

/** Clones once. */
export function clone(
  server: RunningPostgres,
  master: Master | { readonly username: string; readonly password: string },
  pair: TwinPair,
): Promise<CloneReport> {
  return asMaster(server, master, (twins, connection) => twins.cloneUser(connection, pair));
}

/** Compares once, as the superuser. */
export function compare(server: RunningPostgres, pair: TwinPair): Promise<readonly string[]> {
  return asMaster(server, 'superuser', (twins, connection) => twins.comparePrivileges(connection, pair));
}

/** The master gives a user a password. */
export async function givePassword(
  server: RunningPostgres,
  master: Master,
  username: string,
  password: string,
): Promise<void> {
  const engine = postgres();
  const login = loginTo(server, server[master].username, server[master].password);
  await withConnection(engine, login, limits(), async (connection) => {
    await engine.admin?.resetPassword(connection, username, new Password(password));
  });
}

/** A login through the bare driver. */
export async function openClient(
  server: RunningPostgres,
  user: string,
  password: string,
  database = 'app',
): Promise<pg.Client> {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    user,
    password,
    database,
    ssl: { ca: server.ca },
  });
  await client.connect();
  return client;
}

/** One login of a user that runs these statements one after another. @throws what the driver throws */
export async function runAs(
  server: RunningPostgres,
  user: string,
  password: string,
  ...statements: readonly string[]
): Promise<void> {
  const client = await openClient(server, user, password);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const catalogues = [
  'pg_authid',
  'pg_auth_members',
  'pg_db_role_setting',
  'pg_shdepend',
  'pg_default_acl',
  'pg_policy',
  'pg_database',
  'pg_namespace',
  'pg_class',
  'pg_attribute',
  'pg_proc',
  'pg_type',
];

/** Everything that the catalogue says of roles, rights and owners, every row of it. */
export async function wholeCatalogue(server: RunningPostgres): Promise<readonly string[]> {
  const ofEach = catalogues.map((name) => {
    // Rows of the catalogue's own objects never change here; statistics do.
    const mine = /^pg_(class|proc|type)$/.test(name)
      ? 'WHERE oid >= 16384'
      : name === 'pg_attribute'
        ? 'WHERE attrelid >= 16384'
        : '';
    return `SELECT '${name} ' || (to_jsonb(c) - '{relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid,datfrozenxid,datminmxid}'::text[])::text AS line FROM ${name} AS c ${mine}`;
  });
  const rows = await server.execute(`SELECT line FROM (${ofEach.join(' UNION ALL ')}) AS lines ORDER BY line`);
  return rows.map(({ line }) => String(line));
}
