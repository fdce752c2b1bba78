import { quoted, RotationError } from '@keyturn/core';
import type { MariadbConnection } from './connection.ts';
import { hexLiteral } from './quoting.ts';

/** One account: the user as connections from one set of hosts know it. */
export interface Account {
  readonly host: string;
  /** In the order in which the server tries them. */
  readonly methods: readonly Method[];
}

/** One of the ways in which an account authenticates. */
export interface Method {
  readonly plugin: string;
  /** What the plugin keeps of the password: a hash, in most of them. */
  readonly verifier: string;
}

/** The plugin whose passwords the engine sets. */
export const native = 'mysql_native_password';

/** Plugins that ask the system, not the account, whether somebody may log in: SET PASSWORD passes them over. */
export const passwordless: readonly string[] = ['unix_socket', 'named_pipe', 'pam', 'gssapi'];

/**
 * The accounts of a user, all hosts; roles are not among them.
 * @throws RotationError `invalid-secret` if there is none; `missing-privilege`
 */
export async function accountsOf(connection: MariadbConnection, username: string): Promise<readonly Account[]> {
  // Compared byte by byte: the column's own collation takes "app" and "app " for the same.
  const rows = await connection.query(
    `SELECT Host AS host, Priv AS priv FROM mysql.global_priv WHERE BINARY User = ${hexLiteral(username)} ORDER BY Host`,
  );
  const accounts = rows.flatMap(({ host, priv }) => readAccount(String(host), String(priv)));
  if (accounts.length > 0) return accounts;
  const { endpoint } = connection.where;
  throw new RotationError('invalid-secret', {
    message: 'the server knows no user of this name',
    endpoint,
    user: username,
    remedy: 'Create the user, or check username in the secret.',
  });
}

/**
 * The accounts that get the password: all but those in which no plugin has one.
 * @throws RotationError `auth-method-unsupported` if one of them keeps its password in another format than
 *   the driver can log in with, or if none has a password: before anything is changed
 */
export function accountsWithPassword(
  accounts: readonly Account[],
  username: string,
  endpoint: string,
): readonly Account[] {
  const found = accounts.filter(({ methods }) => methods.some(({ plugin }) => !passwordless.includes(plugin)));
  for (const { host, methods } of found) {
    // The server changes the first password of an account and leaves the others as they are.
    const plugin = methods.find((method) => !passwordless.includes(method.plugin))?.plugin ?? '';
    if (plugin !== native) throw unsupported(plugin, host, username, endpoint);
  }
  const [first] = accounts;
  if (found.length === 0 && first !== undefined) {
    throw unsupported(first.methods[0]?.plugin ?? '', first.host, username, endpoint);
  }
  return found;
}

/** Whether this account has this native hash as its first password. */
export function hasPassword(account: Account, hash: string): boolean {
  const method = account.methods.find(({ plugin }) => plugin === native);
  return method?.verifier.toUpperCase() === hash;
}

interface StoredMethod {
  readonly plugin?: unknown;
  readonly authentication_string?: unknown;
}

/** How an account authenticates, in the JSON of `mysql.global_priv`. */
export interface StoredAccount extends StoredMethod {
  readonly is_role?: unknown;
  /** With several methods: all of them; an empty one stands for the one outside. */
  readonly auth_or?: readonly StoredMethod[];
}

function readAccount(host: string, json: string): readonly Account[] {
  const stored = JSON.parse(json) as StoredAccount;
  if (stored.is_role === true) return [];
  return [{ host, methods: methodsOf(stored) }];
}

/** In the order in which the server tries them. */
export function methodsOf(stored: StoredAccount): readonly Method[] {
  const methods = (stored.auth_or ?? [{}]).map((method) => (Object.keys(method).length === 0 ? stored : method));
  return methods.map(readMethod);
}

function readMethod({ plugin, authentication_string }: StoredMethod): Method {
  return {
    // Accounts of old, and those that an installation makes, name no plugin and mean this one.
    plugin: typeof plugin === 'string' && plugin !== '' ? plugin : native,
    verifier: typeof authentication_string === 'string' ? authentication_string : '',
  };
}

function unsupported(plugin: string, host: string, username: string, endpoint: string): RotationError {
  return new RotationError('auth-method-unsupported', {
    message: `the account for the host ${quoted(host)} authenticates by ${quoted(plugin)}, whose password cannot be set`,
    endpoint,
    user: username,
    remedy: `Let it authenticate by ${native}, or drop it. Nothing has been changed.`,
  });
}
