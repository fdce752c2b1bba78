import { Password } from '@keyturn/core';
import { limits, loginTo } from '@keyturn/engine-conformance';
import { type RedisConnection, type RedisOptions, redis } from '../src/index.ts';
import { hashOf } from './hash-of.ts';
import type { RunningRedis } from './index.ts';

/** The user `app`, and what is done to its passwords. */
export interface TestUser {
  /** Makes the user anew, with these passwords and rules. */
  make(passwords: readonly string[], ...rules: readonly string[]): Promise<void>;
  /** The three forms of a change, each by the user itself and by the master. */
  readonly forms: readonly Form[];
  asUser<T>(password: string, use: (connection: RedisConnection) => Promise<T>): Promise<T>;
  asMaster<T>(use: (connection: RedisConnection) => Promise<T>): Promise<T>;
  /** Which of these passwords log in. */
  loggingIn(...passwords: readonly string[]): Promise<string[]>;
  /** Everything that the server keeps of the user but its passwords. */
  rule(): Promise<string | undefined>;
}

interface Form {
  readonly name: string;
  /** Whether `current` works afterwards. */
  readonly keeps: boolean;
  run(current: string, next: string, options?: RedisOptions): Promise<void>;
}

/** The rights of a user that changes its own password. */
export const ownRights: readonly string[] = ['+acl|getuser', '+acl|setuser', '+acl|save'];

export function testUser(server: () => RunningRedis): TestUser {
  const engine = redis();
  const as =
    (username: string) =>
    async <T>(password: string, use: (connection: RedisConnection) => Promise<T>): Promise<T> => {
      const connection = await engine.connect(loginTo(server(), username, password), limits());
      return use(connection).finally(() => engine.close(connection));
    };
  const asUser = as('app');
  const asMaster: TestUser['asMaster'] = (use) => {
    const { username, password } = server().administrator;
    return as(username)(password, use);
  };
  const add = (options: RedisOptions | undefined, connection: RedisConnection, next: string, keep: string) =>
    redis(options).overlap.addPassword(connection, 'app', new Password(next), new Password(keep));
  const change = (options: RedisOptions | undefined, connection: RedisConnection, next: string, current: string) =>
    redis(options).changeOwnPassword(connection, new Password(next), new Password(current));
  return {
    asUser,
    asMaster,
    async make(passwords, ...rules) {
      await server().command('ACL', 'DELUSER', 'app');
      const hashes = passwords.map((password) => `#${hashOf(password)}`);
      await server().command('ACL', 'SETUSER', 'app', 'on', ...hashes, ...ownRights, ...rules);
    },
    forms: [
      {
        name: 'added by the user',
        keeps: true,
        run: (current, next, options) => asUser(current, (connection) => add(options, connection, next, current)),
      },
      {
        name: 'added by the master',
        keeps: true,
        run: (current, next, options) => asMaster((connection) => add(options, connection, next, current)),
      },
      {
        name: 'changed by the user',
        keeps: false,
        run: (current, next, options) => asUser(current, (connection) => change(options, connection, next, current)),
      },
      {
        name: 'reset by the master',
        keeps: false,
        run: (_current, next, options) =>
          asMaster((connection) => redis(options).admin.resetPassword(connection, 'app', new Password(next))),
      },
    ],
    async loggingIn(...passwords) {
      const outcomes = await Promise.all(passwords.map((password) => server().logsIn('app', password)));
      return passwords.filter((_password, at) => outcomes[at]);
    },
    rule: async () => (await server().ruleOf('app'))?.replaceAll(/ #[0-9a-f]{64}/g, ''),
  };
}
