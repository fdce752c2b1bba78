import { type Password, quoted, RotationError } from '@keyturn/core';
import type { MysqlConnection, Row } from './connection.ts';
import { hexLiteral } from './quoting.ts';
import { keepsPassword, passwordPlugins, verifies } from './verifiers.ts';

/** How an account authenticates: the user as connections from one set of hosts know it. */
export interface Account {
  readonly host: string;
  readonly plugin: string;
  /** What the plugin keeps of the password. */
  readonly verifier: string;
  /** The same of a second password; empty where there is none. */
  readonly secondVerifier: string;
}

/** Plugins that ask somebody else than the account whether it may log in. */
const passwordless: readonly string[] = [
  'auth_socket',
  'mysql_no_login',
  'AWSAuthenticationPlugin',
  'authentication_ldap_sasl',
  'authentication_ldap_simple',
  'authentication_kerberos',
  'authentication_windows',
  'authentication_pam',
  'authentication_fido',
  'authentication_webauthn',
  'authentication_oci',
  'authentication_openid_connect',
];

/**
 * The accounts of a user, all hosts.
 * @throws RotationError `invalid-secret` if there is none; `missing-privilege`
 */
export async function accountsOf(connection: MysqlConnection, username: string): Promise<readonly Account[]> {
  // Compared byte by byte: the column's own collation takes "app" and "app " for the same. Which columns there
  // are depends on the version.
  const rows = await connection.query(
    `SELECT * FROM mysql.user WHERE CAST(User AS BINARY) IN (${hexLiteral(username)}) ORDER BY Host`,
  );
  if (rows.length > 0) return rows.map(readAccount);
  const { endpoint } = connection.where;
  throw new RotationError('invalid-secret', {
    message: 'the server knows no user of this name',
    endpoint,
    user: username,
    remedy: 'Create the user, or check username in the secret.',
  });
}

/** Reads a row of `mysql.user`, of any version. */
export function readAccount(row: Row): Account {
  const attributes = JSON.parse(String(row.User_attributes ?? '{}')) as { readonly additional_password?: unknown };
  const { additional_password: second } = attributes;
  return {
    host: String(row.Host),
    // Accounts of old name no plugin and mean this one.
    plugin: String(row.plugin ?? '') || 'mysql_native_password',
    // Before 5.7.6 the native hash has a column of its own.
    verifier: String(row.Password ?? '') || String(row.authentication_string ?? ''),
    secondVerifier: typeof second === 'string' ? second : '',
  };
}

/**
 * The accounts that get the password: all but those whose plugin keeps none.
 * @throws RotationError `auth-method-unsupported` if one of them keeps its password in a format that the engine
 *   does not know, or if none has a password: before anything is changed
 */
export function accountsWithPassword<A extends Pick<Account, 'host' | 'plugin'>>(
  accounts: readonly A[],
  username: string,
  endpoint: string,
): readonly A[] {
  const found = accounts.filter(({ plugin }) => !passwordless.includes(plugin));
  const wrong = found.find(({ plugin }) => !keepsPassword(plugin)) ?? (found.length === 0 ? accounts[0] : undefined);
  if (wrong === undefined) return found;
  throw new RotationError('auth-method-unsupported', {
    message: `the account for the host ${quoted(wrong.host)} authenticates by ${quoted(wrong.plugin)}, whose password cannot be set`,
    endpoint,
    user: username,
    remedy: `Let it authenticate by ${passwordPlugins.join(', ')}, or drop it. Nothing has been changed.`,
  });
}

/** Whether the account has this password as its first one. */
export function hasPassword({ plugin, verifier }: Account, password: Password): boolean {
  return verifies(plugin, verifier, password);
}

/** Whether the account has this password as its second one. */
export function hasSecondPassword({ plugin, secondVerifier }: Account, password: Password): boolean {
  return verifies(plugin, secondVerifier, password);
}
