import { account, stringLiteral } from '../quoting.ts';
import type { ServerVersion } from '../server-version.ts';
import { keepsPassword, type Verifiers } from '../verifiers.ts';
import { conditionClauses } from './conditions.ts';
import { canonical } from './differences.ts';
import type { Grantee } from './grant-statements.ts';
import type { AccountRights } from './rights.ts';

/**
 * Makes an account like `model`, without its rights, its attributes and its default roles. Nobody can log in
 * to it: it has a password that nobody uses.
 */
export function createStatements(
  grantee: Grantee,
  model: AccountRights,
  placeholders: Verifiers,
  version: ServerVersion,
): readonly string[] {
  if (version.atLeast('5.7.6')) {
    return [`CREATE USER ${name(grantee)} ${identified(model, placeholders)} ${conditionClauses(model.conditions)}`];
  }
  const method =
    model.plugin === 'mysql_native_password'
      ? `IDENTIFIED BY PASSWORD '${placeholders.for('mysql_native_password')}'`
      : identified(model, placeholders);
  return [`CREATE USER ${name(grantee)} ${method}`, conditionsStatement(grantee, model, version)];
}

/** Gives the account the demands and limits of `model`. */
export function conditionsStatement(grantee: Grantee, model: AccountRights, version: ServerVersion): string {
  const clauses = conditionClauses(model.conditions);
  if (version.atLeast('5.7.6')) return `ALTER USER ${name(grantee)} ${clauses}`;
  return `GRANT USAGE ON *.* TO ${name(grantee)} ${clauses}`;
}

/** Lets the account log in as `model` does; it gets a password that nobody uses where it has to have one. */
export function methodStatement(grantee: Grantee, model: AccountRights, placeholders: Verifiers): string {
  return `ALTER USER ${name(grantee)} ${identified(model, placeholders)}`;
}

/**
 * Gives the account these attributes and no others. The server merges what it is told into what there is: so
 * what differs is taken away first.
 */
export function attributeStatements(
  grantee: Grantee,
  wanted: Readonly<Record<string, unknown>>,
  has: Readonly<Record<string, unknown>>,
): readonly string[] {
  const differs = (key: string): boolean => canonical(wanted[key] ?? null) !== canonical(has[key] ?? null);
  const removed = Object.keys(has).filter(differs);
  const set = Object.keys(wanted).filter(differs);
  const statement = (patch: readonly (readonly [string, unknown])[]): string =>
    `ALTER USER ${name(grantee)} ATTRIBUTE ${stringLiteral(JSON.stringify(Object.fromEntries(patch)))}`;
  return [
    ...(removed.length === 0 ? [] : [statement(removed.map((key) => [key, null]))]),
    ...(set.length === 0 ? [] : [statement(set.map((key) => [key, wanted[key]]))]),
  ];
}

/** Gives the account the default roles of `model`, and no others. */
export function defaultRolesStatement(grantee: Grantee, { defaultRoles }: AccountRights): string {
  return `ALTER USER ${name(grantee)} DEFAULT ROLE ${defaultRoles.length === 0 ? 'NONE' : defaultRoles.join(', ')}`;
}

export function dropStatement(grantee: Grantee): string {
  return `DROP USER ${name(grantee)}`;
}

function name({ username, host }: Grantee): string {
  return account(username, host);
}

function identified({ plugin, verifier }: AccountRights, placeholders: Verifiers): string {
  if (keepsPassword(plugin)) return `IDENTIFIED WITH '${plugin}' AS '${placeholders.for(plugin)}'`;
  const asks = verifier === '' ? '' : ` AS ${stringLiteral(verifier)}`;
  return `IDENTIFIED WITH ${stringLiteral(plugin)}${asks}`;
}
