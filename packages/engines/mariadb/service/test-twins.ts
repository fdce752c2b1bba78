import { type CloneReport, type EngineAdmin, Password, type TwinPair } from '@keyturn/core';
import { limits, loginTo, recordSecret } from '@keyturn/engine-conformance';
import { type MariadbConnection, mariadb } from '../src/index.ts';
import { account, hostsOf } from './accounts.ts';
import type { RunningMariadb } from './index.ts';

/** Two users that take turns, and what a master does for them. */
export interface TestTwins {
  clone(change?: Partial<TwinPair>): Promise<CloneReport>;
  compare(change?: Partial<TwinPair>): Promise<readonly string[]>;
  reset(change?: Partial<TwinPair>): Promise<void>;
  /** Whatever the server keeps of rights, of every user: the same before and after says that nothing changed. */
  everything(): Promise<string>;
  asMaster<T>(use: (master: MariadbConnection) => Promise<T>): Promise<T>;
}

/** `app` is in use and `app_clone` comes next, unless a test says otherwise. */
export function pairOf(change: Partial<TwinPair> = {}): TwinPair {
  return {
    base: 'app',
    twin: 'app_clone',
    current: 'app',
    next: 'app_clone',
    password: new Password('second'),
    isKnown: () => Promise.reject(new Error('nobody should have to ask')),
    ...change,
  };
}

/** A password for a rotation that no output may hold. */
export function rotationPassword(text: string): Password {
  recordSecret(text);
  return new Password(text);
}

export function testTwins(
  server: () => RunningMariadb,
  master: () => { readonly username: string; readonly password: string } = () => server().administrator,
): TestTwins {
  const engine = mariadb();
  const asMaster: TestTwins['asMaster'] = async (use) => {
    const { username, password } = master();
    const connection = await engine.connect(loginTo(server(), username, password), limits());
    return use(connection).finally(() => engine.close(connection));
  };
  return {
    asMaster,
    clone: (change) => asMaster((connection) => twinAdmin().cloneUser(connection, pairOf(change))),
    compare: (change) => asMaster((connection) => twinAdmin().comparePrivileges(connection, pairOf(change))),
    reset: (change) =>
      asMaster(async (connection) => {
        const { next, password } = pairOf(change);
        await engine.admin?.resetPassword(connection, next, password);
      }),
    async everything() {
      const tables = [
        'global_priv',
        'db',
        'tables_priv',
        'columns_priv',
        'procs_priv',
        'proxies_priv',
        'roles_mapping',
      ];
      const rows = tables.map((table) => server().execute(`SELECT * FROM mysql.${table}`));
      return JSON.stringify(await Promise.all(rows));
    },
  };
}

/** What this engine offers for two users. */
export function twinAdmin(): NonNullable<EngineAdmin<MariadbConnection>['twins']> {
  const twins = mariadb().admin?.twins;
  if (twins === undefined) throw new Error('the engine has no twins');
  return twins;
}

/** Drops the users, whatever accounts they have. */
export async function dropUsers(server: RunningMariadb, ...usernames: readonly string[]): Promise<void> {
  for (const username of usernames) {
    const hosts = await hostsOf((statement = '') => server.execute(statement), username);
    for (const host of hosts) await server.execute(`DROP USER ${account(username, host)}`);
  }
}
