import type { FailureCause } from '@keyturn/engine-conformance';
import { lockoutThreshold } from './model/password-policy.ts';
import type { RunningSqlServer } from './running-sqlserver.ts';

const bracket = (name: string) => `[${name.replaceAll(']', ']]')}]`;

/** Causes of failure that only this server can bring about. */
export function causesOf(server: RunningSqlServer): readonly FailureCause[] {
  const refusing = (number: number, code: FailureCause['code'], name: string): FailureCause => ({
    name,
    code,
    at: 'connect',
    arrange: async () => {
      server.parts.refuseWith.number = number;
      return {};
    },
    undo: async () => {
      server.parts.refuseWith.number = undefined;
    },
  });
  return [
    ...causesAnywhere((statement) => server.execute(statement)),
    {
      name: 'the login is locked out',
      code: 'account-locked',
      at: 'connect',
      arrange: async (username) => {
        server.login(username).badPasswords = lockoutThreshold;
        return {};
      },
    },
    {
      name: 'the password has expired',
      code: 'password-expired',
      at: 'connect',
      arrange: async (username) => {
        server.login(username).expired = true;
        return {};
      },
    },
    {
      name: 'the password must be changed',
      code: 'password-expired',
      at: 'connect',
      arrange: async (username) => {
        server.login(username).mustChange = true;
        return {};
      },
    },
    {
      name: 'the login has no user in the database',
      code: 'unknown-database',
      at: 'connect',
      arrange: async () => ({ database: 'archive' }),
    },
    {
      name: 'the database takes no writes',
      code: 'read-only-server',
      at: 'changeOwnPassword',
      arrange: async () => {
        server.inDatabase('app').readOnly = true;
        return {};
      },
      undo: async () => {
        server.inDatabase('app').readOnly = false;
      },
    },
    refusing(18452, 'login-not-allowed', 'the server takes Windows authentication only'),
    refusing(40615, 'login-not-allowed', 'the firewall refuses the address'),
    refusing(17892, 'login-not-allowed', 'a logon trigger refuses the login'),
    refusing(17809, 'too-many-connections', 'the server has reached its limit of connections'),
    refusing(10928, 'too-many-connections', 'the limit of sessions is reached'),
    refusing(976, 'read-only-server', 'the database is a secondary replica that is not readable'),
    refusing(978, 'read-only-server', 'the database is a replica for read-only clients'),
    refusing(979, 'read-only-server', 'the database is a replica for read-only sessions'),
    refusing(983, 'server-not-ready', 'the availability group is failing over'),
    refusing(18401, 'server-not-ready', 'the server is being upgraded'),
  ];
}

/** Those that statements bring about, on every server. */
export function causesAnywhere(execute: (statement: string) => Promise<unknown>): readonly FailureCause[] {
  return [
    {
      name: 'the login is disabled',
      code: 'account-locked',
      at: 'connect',
      arrange: async (username) => {
        await execute(`ALTER LOGIN ${bracket(username)} DISABLE`);
        return {};
      },
    },
    {
      name: 'the database is unknown',
      code: 'unknown-database',
      at: 'connect',
      arrange: async () => ({ database: 'nowhere' }),
    },
    {
      name: 'the login may not connect',
      code: 'login-failed',
      at: 'connect',
      arrange: async (username) => {
        await execute(`DENY CONNECT SQL TO ${bracket(username)}`);
        return {};
      },
    },
  ];
}
