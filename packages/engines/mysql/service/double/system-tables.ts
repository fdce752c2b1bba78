import { type Account, namesIn } from './account.ts';
import type { Database } from './database.ts';
import { allAt, holdsAt, staticPrivileges, tableWord } from './privileges.ts';

export type TableRow = Readonly<Record<string, string | number | null>>;

/**
 * The rows of a system table as this version has it; undefined for a table that it does not have.
 * @param users of whose accounts; undefined: of all
 */
export function systemTable(
  database: Database,
  name: string,
  users: readonly string[] | undefined,
): readonly TableRow[] | undefined {
  const { version, objects } = database;
  const accounts = database.accounts.filter(({ user }) => users === undefined || users.includes(user));
  switch (name) {
    case 'mysql.user':
      return accounts.map((account) => userRow(account, database));
    case 'mysql.db':
      return accounts.flatMap((account) =>
        [...account.databases].map(([Db, privileges]) => ({
          ...ownerOf(account),
          Db,
          ...flags(privileges, ['GRANT OPTION', ...allAt('d', version.hasRoles)]),
        })),
      );
    case 'mysql.tables_priv':
      return accounts.flatMap((account) =>
        [...account.tables].map(([key, { privileges, columns }]) => {
          const [Db = '', Table_name = ''] = namesIn(key);
          const inColumns = new Set([...columns.values()].flatMap((held) => [...held]));
          return { ...ownerOf(account), Db, Table_name, Table_priv: words(privileges), Column_priv: words(inColumns) };
        }),
      );
    case 'mysql.columns_priv':
      return accounts.flatMap((account) =>
        [...account.tables].flatMap(([key, { columns }]) => {
          const [Db = '', Table_name = ''] = namesIn(key);
          return [...columns].map(([Column_name, held]) => ({
            ...ownerOf(account),
            Db,
            Table_name,
            Column_name,
            Column_priv: words(held),
          }));
        }),
      );
    case 'mysql.procs_priv':
      return accounts.flatMap((account) =>
        [...account.routines].map(([key, held]) => {
          const [Routine_type = '', Db = '', Routine_name = ''] = namesIn(key);
          // As the real ones do: what is not ASCII is stored as if it were another encoding.
          const [Host, User] = [garbled(account.host), garbled(account.user)];
          return {
            Host,
            User,
            Db: garbled(Db),
            Routine_name: garbled(Routine_name),
            Routine_type,
            Proc_priv: words(held),
          };
        }),
      );
    case 'mysql.proxies_priv':
      return accounts.flatMap((account) =>
        [...account.proxies].map(([key, option]) => {
          const [Proxied_user = '', Proxied_host = ''] = namesIn(key);
          return { ...ownerOf(account), Proxied_user, Proxied_host, With_grant: Number(option) };
        }),
      );
    case 'information_schema.TABLES':
      return [...objects.tables.keys()].map((key) => {
        const [TABLE_SCHEMA = '', TABLE_NAME = ''] = namesIn(key);
        return { TABLE_SCHEMA, TABLE_NAME };
      });
    case 'information_schema.COLUMNS':
      return [...objects.tables].flatMap(([key, columns]) => {
        const [TABLE_SCHEMA = '', TABLE_NAME = ''] = namesIn(key);
        return [...columns].map((COLUMN_NAME) => ({ TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME }));
      });
    case 'information_schema.ROUTINES':
      return [...objects.routines].map((key) => {
        const [ROUTINE_TYPE = '', ROUTINE_SCHEMA = '', ROUTINE_NAME = ''] = namesIn(key);
        return { ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE };
      });
    default:
      return version.hasRoles ? tableOfRoles(accounts, name) : undefined;
  }
}

function garbled(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

function tableOfRoles(accounts: readonly Account[], name: string): readonly TableRow[] | undefined {
  const yes = (held: boolean): 'Y' | 'N' => (held ? 'Y' : 'N');
  switch (name) {
    case 'mysql.global_grants':
      return accounts.flatMap(({ user, host, dynamic }) =>
        [...dynamic].map(([PRIV, option]) => ({ USER: user, HOST: host, PRIV, WITH_GRANT_OPTION: yes(option) })),
      );
    case 'mysql.role_edges':
      return accounts.flatMap(({ user, host, roles }) =>
        [...roles].map(([key, option]) => {
          const [FROM_USER = '', FROM_HOST = ''] = namesIn(key);
          return { FROM_HOST, FROM_USER, TO_HOST: host, TO_USER: user, WITH_ADMIN_OPTION: yes(option) };
        }),
      );
    case 'mysql.default_roles':
      return accounts.flatMap(({ user, host, defaultRoles }) =>
        [...defaultRoles].map((key) => {
          const [DEFAULT_ROLE_USER = '', DEFAULT_ROLE_HOST = ''] = namesIn(key);
          return { HOST: host, USER: user, DEFAULT_ROLE_HOST, DEFAULT_ROLE_USER };
        }),
      );
    default:
      return undefined;
  }
}

function userRow(account: Account, { version }: Database): TableRow {
  const yes = (held: boolean): 'Y' | 'N' => (held ? 'Y' : 'N');
  return {
    ...ownerOf(account),
    ...flags(
      account.global,
      staticPrivileges(version.hasRoles).filter((name) => holdsAt(name, 'g')),
    ),
    ssl_type: account.tls.type,
    ssl_cipher: account.tls.cipher,
    x509_issuer: account.tls.issuer,
    x509_subject: account.tls.subject,
    max_questions: account.limits.MAX_QUERIES_PER_HOUR,
    max_updates: account.limits.MAX_UPDATES_PER_HOUR,
    max_connections: account.limits.MAX_CONNECTIONS_PER_HOUR,
    max_user_connections: account.limits.MAX_USER_CONNECTIONS,
    plugin: account.plugin,
    authentication_string: account.verifier,
    password_expired: yes(account.expired),
    password_lifetime: account.lifetime,
    account_locked: yes(account.locked),
    ...(version.hasRoles
      ? {
          Password_reuse_history: account.history,
          Password_reuse_time: account.reuseDays,
          Password_require_current: account.requireCurrent,
          User_attributes: userAttributes(account),
        }
      : {}),
  };
}

function userAttributes(account: Account): string | null {
  const { metadata, restrictions, secondVerifier, failedLoginAttempts, passwordLockDays } = account;
  const found = {
    ...(metadata === undefined || Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(restrictions.size === 0
      ? {}
      : { Restrictions: [...restrictions].map(([Database, held]) => ({ Database, Privileges: [...held] })) }),
    ...(secondVerifier === undefined ? {} : { additional_password: secondVerifier }),
    ...(failedLoginAttempts === 0 && passwordLockDays === 0
      ? {}
      : {
          Password_locking: {
            failed_login_attempts: failedLoginAttempts,
            password_lock_time_days: passwordLockDays,
          },
        }),
  };
  return Object.keys(found).length === 0 ? null : JSON.stringify(found);
}

function ownerOf({ user, host }: Account): { readonly Host: string; readonly User: string } {
  return { Host: host, User: user };
}

function flags(held: ReadonlySet<string>, names: readonly string[]): Record<string, 'Y' | 'N'> {
  return Object.fromEntries(
    names.map((name) => [`${tableWord(name).replaceAll(' ', '_')}_priv`, held.has(name) ? 'Y' : 'N']),
  );
}

function words(held: ReadonlySet<string>): string {
  return [...held].map(tableWord).join(',');
}
