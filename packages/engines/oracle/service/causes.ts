import type { ErrorCode, Login } from '@keyturn/core';
import type { FailureCause } from '@keyturn/engine-conformance';
import { run } from './database/run.ts';
import { sys } from './database/session.ts';
import type { RunningOracle } from './oracle-server.ts';
import type { ListenerOptions } from './tns/listener.ts';

/** Causes of failure of this server's own. */
export function causes(running: RunningOracle): readonly FailureCause[] {
  return [...ofListener(running), ...ofLogin(running), ...ofPassword(running), ...ofTwin(running)];
}

function ofListener({ listener }: RunningOracle): readonly FailureCause[] {
  const behaving = (name: string, code: ErrorCode, change: Partial<ListenerOptions>): FailureCause => ({
    name,
    code,
    at: 'connect',
    async arrange() {
      Object.assign(listener, change);
      return {};
    },
    async undo() {
      for (const key of Object.keys(change)) delete listener[key as 'refuses'];
    },
  });
  return [
    behaving('the database is not open', 'server-not-ready', { refuses: 12528 }),
    behaving('the listener has no handler left', 'too-many-connections', { refuses: 12516 }),
    behaving('the listener takes nobody from here', 'login-not-allowed', { refuses: 12546 }),
    behaving('the listener refuses with an error that nobody knows', 'login-not-allowed', { refuses: 12599 }),
    behaving('the listener names native network encryption', 'auth-method-unsupported', { refuses: 12660 }),
    behaving('the server ends what is not encrypted by itself', 'connection-lost', { demandsNativeEncryption: true }),
    behaving('the server is older than 12.1', 'auth-method-unsupported', { version: 314 }),
    behaving('the listener sends the client on to a port without TLS', 'tls-not-offered', {
      redirects: '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT=1)))',
    }),
  ];
}

function ofLogin({ sql, quoted, model }: RunningOracle): readonly FailureCause[] {
  const after = (name: string, code: ErrorCode, statement: (user: string) => string): FailureCause => ({
    name,
    code,
    at: 'connect',
    async arrange(username) {
      sql(statement(quoted(username)));
      return {};
    },
  });
  const elsewhere = (name: string, code: ErrorCode, login: Partial<Pick<Login, 'database'>>): FailureCause => ({
    name,
    code,
    at: 'connect',
    arrange: async () => login,
  });
  return [
    after('the account is locked', 'account-locked', (user) => `ALTER USER ${user} ACCOUNT LOCK`),
    after('the password has expired', 'password-expired', (user) => `ALTER USER ${user} PASSWORD EXPIRE`),
    after('the user lacks CREATE SESSION', 'missing-privilege', (user) => `REVOKE CREATE SESSION FROM ${user}`),
    after('the user has no password', 'login-failed', (user) => `ALTER USER ${user} NO AUTHENTICATION`),
    {
      name: 'only the verifier of 10g is stored',
      code: 'auth-method-unsupported',
      at: 'connect',
      async arrange(username) {
        const user = model.users.get(quoted(username).slice(1, -1));
        if (user !== undefined) user.has10gOnly = true;
        return {};
      },
    },
    elsewhere('the database has the name of nothing', 'unknown-database', { database: 'nothing' }),
    elsewhere('the name of the database says more than a name', 'unknown-database', {
      database: 'keyturn)(SERVER=POOLED',
    }),
  ];
}

function ofPassword({ sql, quoted, model }: RunningOracle): readonly FailureCause[] {
  const underProfile = (name: string, at: FailureCause['at'], limits: string): FailureCause => ({
    name,
    code: 'password-refused',
    at,
    async arrange(username) {
      sql(`CREATE PROFILE strict LIMIT ${limits}`);
      sql(`ALTER USER ${quoted(username)} PROFILE strict`);
      return {};
    },
    async undo(username) {
      sql(`ALTER USER ${quoted(username)} PROFILE "DEFAULT"`);
      model.profiles.delete('STRICT');
    },
  });
  const readOnly = (at: FailureCause['at']): FailureCause => ({
    name: `the database is open for reading only: ${at}`,
    code: 'read-only-server',
    at,
    async arrange() {
      model.readOnly = true;
      return {};
    },
    async undo() {
      model.readOnly = false;
    },
  });
  return [
    underProfile('the verify function refuses what the user chooses', 'changeOwnPassword', verifyFunction),
    underProfile('the verify function refuses what the master chooses', 'resetPassword', verifyFunction),
    readOnly('changeOwnPassword'),
    readOnly('resetPassword'),
    readOnly('cloneUser'),
    withoutMasterRight({ sql }, 'ALTER USER', 'resetPassword'),
  ];
}

function ofTwin(running: RunningOracle): readonly FailureCause[] {
  const { sql, quoted, model } = running;
  const beforehand = (
    name: string,
    code: ErrorCode,
    statement: (user: string, twin: string) => string,
    undo?: (twin: string) => string,
  ): FailureCause => ({
    name,
    code,
    at: 'cloneUser',
    async arrange(username) {
      sql(statement(quoted(username), quoted(`${username}_clone`)));
      return {};
    },
    async undo(username) {
      if (undo !== undefined) run(model, sys(), undo(quoted(`${username}_clone`)));
    },
  });
  return [
    ...['CREATE USER', 'ALTER USER', 'SELECT_CATALOG_ROLE'].map((right) =>
      withoutMasterRight(running, right, 'cloneUser'),
    ),
    beforehand('the user owns a table', 'rights-not-cloneable', (user) => `CREATE TABLE ${user}.things (id)`),
    beforehand(
      'the twin’s name is that of a role',
      'twin-name-taken',
      (_user, twin) => `CREATE ROLE ${twin}`,
      (twin) => `DROP ROLE ${twin}`,
    ),
    {
      name: 'the user has a consumer group',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      async arrange(username) {
        model.consumerGroups.push({ grantee: quoted(username).slice(1, -1), group: 'BATCH', grantOption: false });
        return {};
      },
    },
    {
      name: 'the master may not hand on what the user has',
      code: 'rights-not-cloneable',
      at: 'cloneUser',
      async arrange(username) {
        sql('REVOKE GRANT ANY PRIVILEGE FROM rotation_master');
        sql(`GRANT CREATE JOB TO ${quoted(username)}`);
        return {};
      },
      undo: async () => sql('GRANT GRANT ANY PRIVILEGE TO rotation_master'),
    },
  ];
}

const verifyFunction = 'PASSWORD_VERIFY_FUNCTION refuse_all';

function withoutMasterRight({ sql }: Pick<RunningOracle, 'sql'>, right: string, at: FailureCause['at']): FailureCause {
  return {
    name: `the master lacks ${right}: ${at}`,
    code: 'missing-privilege',
    at,
    async arrange() {
      sql(`REVOKE ${right} FROM rotation_master`);
      return {};
    },
    undo: async () => sql(`GRANT ${right} TO rotation_master`),
  };
}
