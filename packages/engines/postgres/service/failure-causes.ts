import type { FailureCause } from '@keyturn/engine-conformance';
import pg from 'pg';

/** What this server can be brought to for one user, by a superuser. */
export function failureCauses(execute: (statement: string) => Promise<unknown>): readonly FailureCause[] {
  const altered = (words: string, more: Awaited<ReturnType<FailureCause['arrange']>> = {}) =>
    async function arrange(username: string) {
      await execute(`ALTER ROLE ${pg.escapeIdentifier(username)} ${words}`);
      return more;
    };
  return [
    { name: 'the role may not log in', code: 'account-locked', at: 'connect', arrange: altered('NOLOGIN') },
    {
      name: 'the time of the password has passed',
      // Nothing on the wire tells it from a wrong password.
      code: 'login-failed',
      at: 'connect',
      arrange: altered("VALID UNTIL '2001-01-01'"),
    },
    {
      name: 'the role has all the connections that it may have',
      code: 'too-many-connections',
      at: 'connect',
      arrange: altered('CONNECTION LIMIT 0'),
    },
    {
      name: 'the database is unknown',
      code: 'unknown-database',
      at: 'connect',
      arrange: altered('LOGIN', { database: 'nowhere' }),
    },
    {
      name: 'the database takes no connections',
      code: 'login-not-allowed',
      at: 'connect',
      arrange: altered('LOGIN', { database: 'template0' }),
    },
    { name: 'the user is a superuser', code: 'missing-privilege', at: 'resetPassword', arrange: altered('SUPERUSER') },
    {
      name: 'the user passes over row level security',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      arrange: altered('BYPASSRLS'),
    },
  ];
}
