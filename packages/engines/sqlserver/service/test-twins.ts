import { type CloneReport, Password, type TwinAdmin, type TwinPair, withConnection } from '@keyturn/core';
import { type SqlServerConnection, type SqlServerOptions, sqlserver } from '../src/index.ts';
import type { RunningSqlServer } from './running-sqlserver.ts';
import { limits, loginTo } from './test-login.ts';

/** A login of a server: who clones. */
export interface Master {
  readonly username: string;
  readonly password: string;
  readonly database?: string;
}

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
  server: RunningSqlServer,
  use: (twins: TwinAdmin<SqlServerConnection>, connection: SqlServerConnection) => Promise<T>,
  {
    master = server.administrator,
    options = {},
  }: { readonly master?: Master; readonly options?: SqlServerOptions } = {},
): Promise<T> {
  const engine = sqlserver(options);
  const twins = engine.admin?.twins;
  if (twins === undefined) throw new Error('the engine has no twins');
  const login = loginTo(server, master.username, master.password, { database: master.database ?? 'app' });
  return withConnection(engine, login, limits(), (connection) => use(twins, connection));
}

/** Clones once. */
export function clone(
  server: RunningSqlServer,
  pair: TwinPair,
  more: Parameters<typeof asMaster>[2] = {},
): Promise<CloneReport> {
  return asMaster(server, (twins, connection) => twins.cloneUser(connection, pair), more);
}

/** Compares once. */
export function compare(
  server: RunningSqlServer,
  pair: TwinPair,
  more: Parameters<typeof asMaster>[2] = {},
): Promise<readonly string[]> {
  return asMaster(server, (twins, connection) => twins.comparePrivileges(connection, pair), more);
}

/** Everything that the server keeps, but for what a login changes by itself. */
export function wholeState(server: RunningSqlServer): string {
  return JSON.stringify(server.parts.core.state, (key, value) => {
    if (key === 'nextId' || key === 'badPasswords') return undefined;
    // A table of permissions shows nothing of itself.
    if (key === 'permissions') return [...value.all()].map((row) => JSON.stringify(row)).sort();
    return value;
  });
}
