import type { FailureCause } from '@keyturn/engine-conformance';
import pg from 'pg';
import type { RunningRedshift } from './running-redshift.ts';

const q = pg.escapeIdentifier;

/** Ways to fail that only this server can bring about. */
export function causesOf(server: RunningRedshift): readonly FailureCause[] {
  const alter = (name: string, change: (user: string) => string, back: (user: string) => string) => ({
    name,
    arrange: async (user: string) => {
      await server.execute(change(q(user)));
      return {};
    },
    undo: async (user: string) => void (await server.execute(back(q(user)))),
  });
  const table = (user: string) => q(`owned by ${user}`);
  return [
    {
      ...alter(
        "the password's time has passed",
        (user) => `ALTER USER ${user} VALID UNTIL '2001-01-01'`,
        (user) => `ALTER USER ${user} VALID UNTIL 'infinity'`,
      ),
      code: 'login-failed',
      at: 'connect',
    },
    {
      ...alter(
        'the password is disabled',
        (user) => `ALTER USER ${user} PASSWORD DISABLE`,
        () => 'BEGIN; COMMIT',
      ),
      code: 'login-failed',
      at: 'connect',
    },
    {
      ...alter(
        'the user may not log in',
        (user) => `ALTER USER ${user} NOLOGIN`,
        () => 'BEGIN; COMMIT',
      ),
      code: 'account-locked',
      at: 'connect',
    },
    {
      ...alter(
        "the user's connection limit is reached",
        (user) => `ALTER USER ${user} CONNECTION LIMIT 0`,
        (user) => `ALTER USER ${user} CONNECTION LIMIT UNLIMITED`,
      ),
      code: 'too-many-connections',
      at: 'connect',
    },
    { name: 'the cluster requires TLS', code: 'tls-required', at: 'connect', arrange: async () => ({ tls: false }) },
    {
      name: 'the database is unknown',
      code: 'unknown-database',
      at: 'connect',
      arrange: async () => ({ database: 'nowhere' }),
    },
    {
      name: 'the user owns a table',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      arrange: async (user) => {
        await server.execute(`CREATE TABLE ${table(user)} (a int)`);
        await server.below(`ALTER TABLE ${table(user)} OWNER TO ${q(user)}`);
        return {};
      },
      undo: async (user) => void (await server.execute(`DROP TABLE ${table(user)}`)),
    },
    {
      name: 'a row-level security policy is attached to the user',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      arrange: async (user) => {
        await server.execute(`ATTACH RLS POLICY only_paid ON public.bills TO ${q(user)}`);
        return {};
      },
      undo: async (user) =>
        void (await server.below(
          `DELETE FROM redshift_model.grants WHERE kind = 'RLS' AND grantee = ${pg.escapeLiteral(q(user))}::regrole`,
        )),
    },
    {
      name: 'a masking policy is attached to the user',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      arrange: async (user) => {
        await server.execute(`ATTACH MASKING POLICY hides ON public.bills (a) TO ${q(user)}`);
        return {};
      },
      undo: async (user) =>
        void (await server.below(
          `DELETE FROM redshift_model.grants WHERE kind = 'MASK' AND grantee = ${pg.escapeLiteral(q(user))}::regrole`,
        )),
    },
  ];
}
