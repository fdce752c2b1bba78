import type { FailureCause } from '@keyturn/engine-conformance';
import { account, type RunStatements } from './accounts.ts';

/** What this server can be brought to for one user. */
export function failureCauses(run: RunStatements): readonly FailureCause[] {
  const altered = (words: string) =>
    async function arrange(username: string) {
      await run(`ALTER USER ${account(username, '%')} ${words}`);
      return {};
    };
  return [
    { name: 'the account is locked', code: 'account-locked', at: 'connect', arrange: altered('ACCOUNT LOCK') },
    {
      name: 'the account asks for a certificate of the client',
      code: 'login-failed',
      at: 'connect',
      arrange: altered('REQUIRE X509'),
    },
    {
      name: 'the database is unknown',
      code: 'unknown-database',
      at: 'connect',
      async arrange(username) {
        await run(`GRANT ALL ON nowhere.* TO ${account(username, '%')}`);
        return { database: 'nowhere' };
      },
    },
  ];
}
