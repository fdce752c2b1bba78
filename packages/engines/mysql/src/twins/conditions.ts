import type { Row } from '../connection.ts';
import { stringLiteral } from '../quoting.ts';

/** What `mysql.user` keeps as JSON beside its columns, from 8.0 on. */
export interface UserAttributes {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly Restrictions?: readonly { readonly Database: string; readonly Privileges: readonly string[] }[];
  readonly Password_locking?: { readonly failed_login_attempts?: number; readonly password_lock_time_days?: number };
  readonly multi_factor_authentication?: unknown;
}

/** The attributes in a row of `mysql.user`; none before 8.0. */
export function attributesOf(row: Row): UserAttributes {
  return JSON.parse(String(row.User_attributes ?? '{}')) as UserAttributes;
}

const limits = [
  ['MAX_QUERIES_PER_HOUR', 'max_questions'],
  ['MAX_UPDATES_PER_HOUR', 'max_updates'],
  ['MAX_CONNECTIONS_PER_HOUR', 'max_connections'],
  ['MAX_USER_CONNECTIONS', 'max_user_connections'],
] as const;

/** The names of the conditions that stand behind WITH. */
const limitNames: readonly string[] = limits.map(([name]) => name);

/**
 * The conditions of an account, from a row of `mysql.user`: a column that the version does not have is a
 * condition that it does not know. That a password is marked as expired is none of them: the twin has its own.
 * @see https://dev.mysql.com/doc/refman/8.4/en/create-user.html
 */
export function conditionsOf(row: Row): ReadonlyMap<string, string> {
  const found: [string, string][] = [['REQUIRE', tlsDemand(row)]];
  for (const [name, column] of limits) found.push([name, String(Number(row[column] ?? 0))]);
  const optional = (column: string, name: string, words: (value: unknown) => string): void => {
    if (column in row) found.push([name, words(row[column])]);
  };
  const orDefault = (unit: string) => (value: unknown) => (value === null ? 'DEFAULT' : `${Number(value)}${unit}`);
  optional('password_lifetime', 'PASSWORD EXPIRE', (days) => {
    if (days === null) return 'DEFAULT';
    return Number(days) === 0 ? 'NEVER' : `INTERVAL ${Number(days)} DAY`;
  });
  optional('Password_reuse_history', 'PASSWORD HISTORY', orDefault(''));
  optional('Password_reuse_time', 'PASSWORD REUSE INTERVAL', orDefault(' DAY'));
  optional('Password_require_current', 'PASSWORD REQUIRE CURRENT', (value) =>
    value === null ? 'DEFAULT' : value === 'Y' ? '' : 'OPTIONAL',
  );
  optional('User_attributes', 'FAILED_LOGIN_ATTEMPTS', () => String(locking(row).failed_login_attempts ?? 0));
  optional('User_attributes', 'PASSWORD_LOCK_TIME', () => {
    const days = locking(row).password_lock_time_days ?? 0;
    return days === -1 ? 'UNBOUNDED' : String(days);
  });
  optional('account_locked', 'ACCOUNT', (locked) => (locked === 'Y' ? 'LOCK' : 'UNLOCK'));
  return new Map(found);
}

/** Clauses by their names as CREATE USER, ALTER USER, and before 5.7.6 GRANT, take them. */
export function conditionClauses(conditions: ReadonlyMap<string, string>): string {
  const words = (name: string, value: string): string => (value === '' ? name : `${name} ${value}`);
  const all = [...conditions];
  const limited = all.filter(([name]) => limitNames.includes(name)).map(([name, value]) => words(name, value));
  const others = all.filter(([name]) => name !== 'REQUIRE' && !limitNames.includes(name));
  return [
    words('REQUIRE', conditions.get('REQUIRE') ?? 'NONE'),
    `WITH ${limited.join(' ')}`,
    ...others.map(([name, value]) => words(name, value)),
  ].join(' ');
}

function locking(row: Row): NonNullable<UserAttributes['Password_locking']> {
  return attributesOf(row).Password_locking ?? {};
}

function tlsDemand(row: Row): string {
  switch (String(row.ssl_type ?? '')) {
    case 'ANY':
      return 'SSL';
    case 'X509':
      return 'X509';
    case 'SPECIFIED': {
      const details = (
        [
          ['ISSUER', 'x509_issuer'],
          ['SUBJECT', 'x509_subject'],
          ['CIPHER', 'ssl_cipher'],
        ] as const
      ).map(([name, column]) => [name, String(row[column] ?? '')] as const);
      return details
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${name} ${stringLiteral(value)}`)
        .join(' AND ');
    }
    default:
      return 'NONE';
  }
}
