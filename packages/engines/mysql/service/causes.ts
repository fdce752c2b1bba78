import type { FailureCause } from '@keyturn/engine-conformance';
import type { RunStatements } from './accounts.ts';
import type { Database } from './double/database.ts';
import { account } from './quoting.ts';

/** Causes of failure that only this server can bring about. */
export function causesOf(
  run: RunStatements,
  model: Database,
  kill: (username: string) => void,
): readonly FailureCause[] {
  const { version, settings } = model;
  const forAll = (username: string) => account(username, '%');
  const alter = (clauses: string) => async (username: string) => {
    await run(`ALTER USER ${forAll(username)} ${clauses}`);
    return {};
  };
  const setting = (change: () => void) => () => {
    change();
    return Promise.resolve({});
  };
  const undone = (change: () => void) => () => {
    change();
    return Promise.resolve();
  };
  const causes: FailureCause[] = [
    {
      name: 'the account is locked',
      code: 'account-locked',
      at: 'connect',
      arrange: alter('ACCOUNT LOCK'),
      undo: async (username) => void (await run(`ALTER USER ${forAll(username)} ACCOUNT UNLOCK`)),
    },
    { name: 'the password has expired', code: 'password-expired', at: 'connect', arrange: alter('PASSWORD EXPIRE') },
    {
      name: 'the user has no right in the database',
      code: 'unknown-database',
      at: 'connect',
      arrange: () => Promise.resolve({ database: 'nothing' }),
    },
    {
      name: 'the server takes encrypted connections only',
      code: 'tls-required',
      at: 'connect',
      async arrange() {
        settings.requireSecureTransport = true;
        return { tls: false };
      },
      undo: undone(() => {
        settings.requireSecureTransport = false;
      }),
    },
    {
      name: 'the server has no connection left',
      code: 'too-many-connections',
      at: 'connect',
      arrange: setting(() => {
        settings.maxConnections = 0;
      }),
      undo: undone(() => {
        settings.maxConnections = 151;
      }),
    },
    {
      name: 'the server is in offline mode',
      code: 'server-not-ready',
      at: 'connect',
      arrange: setting(() => {
        settings.offlineMode = true;
      }),
      undo: undone(() => {
        settings.offlineMode = false;
      }),
    },
    {
      name: 'the server is read-only',
      code: 'read-only-server',
      at: 'changeOwnPassword',
      arrange: setting(() => {
        settings.readOnly = true;
      }),
      undo: undone(() => {
        settings.readOnly = false;
      }),
    },
    {
      name: 'the rules of the server want longer passwords',
      code: 'password-refused',
      at: 'changeOwnPassword',
      arrange: setting(() => {
        settings.validatePasswordLength = 1000;
      }),
      undo: undone(() => {
        settings.validatePasswordLength = 0;
      }),
    },
    {
      name: 'the account of another host has no password',
      code: 'auth-method-unsupported',
      at: 'resetPassword',
      async arrange(username) {
        await run(
          `CREATE USER ${account(username, 'else.example')} IDENTIFIED WITH 'mysql_no_login'`,
          `DROP USER ${forAll(username)}`,
        );
        return {};
      },
    },
    {
      name: 'the user has a right that the master may not hand on',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      async arrange(username) {
        await run(`GRANT RELOAD ON *.* TO ${forAll(username)}`);
        return {};
      },
    },
  ];
  if (version.isAtLeast('8.0.19')) {
    causes.push({
      name: 'the account is blocked after too many refused logins',
      code: 'account-locked',
      at: 'connect',
      async arrange(username) {
        await run(`ALTER USER ${forAll(username)} FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME 1`);
        const found = model.find({ user: username, host: '%' });
        if (found !== undefined) found.refusedInARow = 1;
        return {};
      },
    });
    causes.push({
      name: 'the user has SYSTEM_USER, and the master has not',
      code: 'missing-privilege',
      at: 'resetPassword',
      async arrange(username) {
        await run(`GRANT SYSTEM_USER ON *.* TO ${forAll(username)}`);
        kill(username);
        return {};
      },
    });
  }
  return causes;
}
