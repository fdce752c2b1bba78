import { type CloneReport, Password, type TwinPair } from '@keyturn/core';
import { limits, recordSecret } from '@keyturn/engine-conformance';
import { type MongodbConnection, type MongodbOptions, mongodb } from '../src/index.ts';
import type { RunningMongodb } from './index.ts';
import { loginTo } from './test-logins.ts';

/** Two users that take turns, and what a master does for them. */
export interface TestTwins {
  clone(change?: Partial<TwinPair>, options?: MongodbOptions): Promise<CloneReport>;
  compare(change?: Partial<TwinPair>, options?: MongodbOptions): Promise<readonly string[]>;
  asMaster<T>(use: (master: MongodbConnection) => Promise<T>): Promise<T>;
}

/** `app` is in use and `app_clone` comes next, unless a test says otherwise. */
export function pairOf(change: Partial<TwinPair> = {}): TwinPair {
  return {
    base: 'app',
    twin: 'app_clone',
    current: 'app',
    next: 'app_clone',
    password: rotationPassword('a password of the rotation'),
    isKnown: () => Promise.reject(new Error('nobody should have to ask')),
    ...change,
  };
}

/** A password for a rotation that no output may hold. */
function rotationPassword(text: string): Password {
  recordSecret(text);
  return new Password(text);
}

export function testTwins(
  server: () => RunningMongodb,
  master: () => { readonly username: string; readonly password: string; readonly database?: string } = () =>
    server().administrator,
): TestTwins {
  const asMaster: TestTwins['asMaster'] = async (use) => {
    const { username, password, database = 'admin' } = master();
    const engine = mongodb();
    const connection = await engine.connect(loginTo(server(), username, password, { database }), limits());
    return use(connection).finally(() => engine.close(connection));
  };
  return {
    asMaster,
    clone: (change, options) =>
      asMaster((connection) => mongodb(options).admin.twins.cloneUser(connection, pairOf(change))),
    compare: (change, options) =>
      asMaster((connection) => mongodb(options).admin.twins.comparePrivileges(connection, pairOf(change))),
  };
}
