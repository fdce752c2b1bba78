import { type CloneReport, type EngineAdmin, Password, type TwinPair } from '@keyturn/core';
import { type RunningService, recordSecret } from '@keyturn/engine-conformance';
import { type MysqlConnection, mysql } from '../src/index.ts';
import { limits, loginTo } from './test-logins.ts';

/** Two users that take turns, and what a master does for them. */
export interface TestTwins {
  clone(change?: Partial<TwinPair>): Promise<CloneReport>;
  compare(change?: Partial<TwinPair>): Promise<readonly string[]>;
  reset(change?: Partial<TwinPair>): Promise<void>;
  asMaster<T>(use: (master: MysqlConnection) => Promise<T>): Promise<T>;
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

export function testTwins(server: () => RunningService, tls: boolean = true): TestTwins {
  const engine = mysql();
  const asMaster: TestTwins['asMaster'] = async (use) => {
    const { username, password } = server().administrator;
    const login = loginTo(server(), username, password, tls ? {} : { tls: false });
    const connection = await engine.connect(login, limits());
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
  };
}

/** What this engine offers for two users. */
export function twinAdmin(): NonNullable<EngineAdmin<MysqlConnection>['twins']> {
  const twins = mysql().admin?.twins;
  if (twins === undefined) throw new Error('the engine has no twins');
  return twins;
}
