import { type CloneReport, Password, type TwinAdmin, type TwinPair } from '@keyturn/core';
import { recordSecret } from '@keyturn/engine-conformance';
import { type OracleConnection, oracle } from '../src/index.ts';
import type { RunningOracle } from './oracle-server.ts';
import { limits, loginTo } from './test-logins.ts';

/** Two users that take turns, and what a master does for them. */
export interface TestTwins {
  clone(change?: Partial<TwinPair>): Promise<CloneReport>;
  compare(change?: Partial<TwinPair>): Promise<readonly string[]>;
  reset(change?: Partial<TwinPair>): Promise<void>;
  asMaster<T>(use: (master: OracleConnection) => Promise<T>): Promise<T>;
}

/** `app` is in use and `app_clone` comes next, unless a test says otherwise. */
export function pairOf(change: Partial<TwinPair> = {}): TwinPair {
  return {
    base: 'app',
    twin: 'app_clone',
    current: 'app',
    next: 'app_clone',
    password: new Password('second password'),
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
  server: () => RunningOracle,
  master: () => { readonly username: string; readonly password: string } = () => server().administrator,
): TestTwins {
  const engine = oracle();
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
  };
}

/** What this engine offers for two users. */
export function twinAdmin(): TwinAdmin<OracleConnection> {
  const twins = oracle().admin?.twins;
  if (twins === undefined) throw new Error('the engine has no twins');
  return twins;
}
