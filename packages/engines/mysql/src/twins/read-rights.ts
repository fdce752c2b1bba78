import { privilegesOfColumns } from '@keyturn/driver-mysql2';
import { readAccount } from '../accounts.ts';
import type { MysqlConnection, Row } from '../connection.ts';
import { setPlainSqlMode } from '../plain-sql-mode.ts';
import { account, hexLiteral } from '../quoting.ts';
import { serverVersion } from '../server-version.ts';
import { attributesOf, conditionsOf } from './conditions.ts';
import { type DefaultRole, foundGrants, grantsQuery } from './grant-tables.ts';
import { mandatoryRoles } from './mandatory-roles.ts';
import { type AccountRights, type Grant, type Scope, scopeKey, type UserRights } from './rights.ts';
import { hasPlainNames, passesProxyOn, shownGrants, shownRoutines } from './shown-grants.ts';

/**
 * The rights of these users, or roles, read off the system tables. A name that the server does not know has no
 * accounts.
 * @throws RotationError `missing-privilege`
 */
export async function readRights(
  connection: MysqlConnection,
  usernames: readonly string[],
): Promise<ReadonlyMap<string, UserRights>> {
  // A mode may pad what the tables hold.
  await setPlainSqlMode(connection);
  const version = await serverVersion(connection);
  const hasRoles = version.atLeast('8.0.0');
  const names = usernames.map(hexLiteral).join(', ');
  // Compared byte by byte; which columns there are depends on the version.
  const rowsOf = (table: string) =>
    connection.query(`SELECT * FROM mysql.${table} WHERE CAST(User AS BINARY) IN (${names})`);
  const accounts = await rowsOf('user');
  const grants = new Grants();
  for (const row of accounts) grants.addOfAccount(row);
  for (const row of await rowsOf('db')) {
    grants.add(row, { level: 'database', database: String(row.Db) }, privilegesOfColumns(row));
  }
  const found = foundGrants(await connection.query(grantsQuery(names, hasRoles)));
  for (const { owner, scope, privileges } of found.grants) grants.add(owner, scope, privileges);
  for (const row of accounts) await grants.settle(connection, row);
  const mandatory = found.defaultRoles.length === 0 ? [] : await mandatoryRoles(connection);
  return new Map(
    usernames.map((username) => [
      username,
      new Map(
        accounts
          .filter(({ User }) => User === username)
          .map((row) => [String(row.Host), accountRights(row, grants.of(row), found.defaultRoles, mandatory)]),
      ),
    ]),
  );
}

/** Grants by the account that has them. */
class Grants {
  readonly #found = new Map<string, Grant[]>();

  add({ User, Host }: Row, scope: Scope, privileges: readonly string[]): void {
    if (privileges.length === 0) return;
    const key = JSON.stringify([User, Host]);
    this.#found.set(key, [...(this.#found.get(key) ?? []), { scope, privileges: new Set(privileges) }]);
  }

  addOfAccount(row: Row): void {
    this.add(row, { level: 'global' }, privilegesOfColumns(row));
    for (const { Database: database, Privileges } of attributesOf(row).Restrictions ?? []) {
      this.add(row, { level: 'restriction', database }, Privileges);
    }
  }

  /** Asks the server itself where its tables do not say what holds. */
  async settle(connection: MysqlConnection, { User, Host }: Row): Promise<void> {
    const key = JSON.stringify([User, Host]);
    const all = this.#found.get(key) ?? [];
    const grantee = { username: String(User), host: String(Host) };
    const plain = hasPlainNames(grantee, all);
    if (plain && !all.some(({ scope }) => scope.level === 'proxy')) return;
    const lines = await shownGrants(connection, grantee);
    const settled = all
      .filter(({ scope }) => plain || scope.level !== 'routine')
      .map((grant) => {
        const { scope } = grant;
        const passes = scope.level === 'proxy' ? passesProxyOn(lines, scope, grantee) : undefined;
        if (passes === undefined) return grant;
        return { scope, privileges: new Set(passes ? ['PROXY', 'GRANT OPTION'] : ['PROXY']) };
      });
    this.#found.set(key, [...settled, ...(plain ? [] : shownRoutines(lines))]);
  }

  of({ User, Host }: Row): ReadonlyMap<string, Grant> {
    const grants = this.#found.get(JSON.stringify([User, Host])) ?? [];
    return new Map(grants.map((grant) => [scopeKey(grant.scope), grant]));
  }
}

function accountRights(
  row: Row,
  grants: ReadonlyMap<string, Grant>,
  defaults: readonly DefaultRole[],
  mandatory: readonly string[],
): AccountRights {
  const { host, plugin, verifier } = readAccount(row);
  const attributes = attributesOf(row);
  const roles = defaults
    .filter(({ owner }) => owner.User === row.User && owner.Host === row.Host)
    .map(({ username, host: roleHost }) => [username, roleHost] as const)
    .filter(([username, roleHost]) => {
      const held = grants.has(scopeKey({ level: 'role', username, host: roleHost }));
      return held || mandatory.includes(account(username, roleHost));
    });
  return {
    host,
    plugin,
    verifier,
    hasMoreFactors: attributes.multi_factor_authentication !== undefined,
    conditions: conditionsOf(row),
    attributes: 'User_attributes' in row ? (attributes.metadata ?? {}) : undefined,
    defaultRoles: roles.map(([username, roleHost]) => account(username, roleHost)).sort(),
    grants,
  };
}
