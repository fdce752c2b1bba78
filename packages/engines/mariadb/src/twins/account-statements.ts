import type { Password } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { native } from '../accounts.ts';
import { account, identifier, stringLiteral } from '../quoting.ts';
import type { PasswordForm } from '../set-password.ts';
import type { Grantee } from './grant-statements.ts';
import { type AccountRights, effectiveDefaultRole, limitNames } from './rights.ts';

/** The password that an account gets, and how it is sent. */
export interface Credential {
  readonly password: Password;
  readonly form: PasswordForm;
}

/** Makes an account like `model`, without its rights, and locked: nobody can use it yet. */
export function createStatement(grantee: Grantee, model: AccountRights, credential: Credential): string {
  return `CREATE USER ${name(grantee)} ${identified(model, credential)} ${conditions(model)} ACCOUNT LOCK`;
}

/** Gives the account the demands and limits of `model`. */
export function conditionsStatement(grantee: Grantee, model: AccountRights): string {
  return `ALTER USER ${name(grantee)} ${conditions(model)}`;
}

/** An account that is to log in as `model` does, with a credential where it has to get the password too. */
export interface LoginChange {
  readonly grantee: Grantee;
  readonly model: AccountRights;
  readonly credential: Credential | undefined;
}

/** Lets accounts log in, or none of them: in one statement, so that no moment knows only some of them. */
export function loginStatement(changes: readonly LoginChange[], action: 'LOCK' | 'UNLOCK'): string {
  const accounts = changes.map(({ grantee, model, credential }) =>
    credential === undefined ? name(grantee) : `${name(grantee)} ${identified(model, credential)}`,
  );
  return `ALTER USER ${accounts.join(', ')} ACCOUNT ${action}`;
}

/** Gives the account the default role of `model`, or none. */
export function defaultRoleStatement(grantee: Grantee, model: AccountRights): string {
  const role = effectiveDefaultRole(model);
  return `SET DEFAULT ROLE ${role === '' ? 'NONE' : identifier(role)} FOR ${name(grantee)}`;
}

export function dropStatement(grantee: Grantee): string {
  return `DROP USER ${name(grantee)}`;
}

function name({ username, host }: Grantee): string {
  return account(username, host);
}

function identified({ methods }: AccountRights, { password, form }: Credential): string {
  const value = form === 'hash' ? `'${nativeHash(password)}'` : `PASSWORD(${stringLiteral(password.reveal())})`;
  return `IDENTIFIED VIA ${methods
    .map(({ plugin, verifier }) => {
      if (plugin === native) return `${native} USING ${value}`;
      return verifier === '' ? identifier(plugin) : `${identifier(plugin)} USING ${stringLiteral(verifier)}`;
    })
    .join(' OR ')}`;
}

function conditions({ tls, limits, lifetime }: AccountRights): string {
  const details = (['issuer', 'subject', 'cipher'] as const)
    .filter((detail) => tls[detail] !== '')
    .map((detail) => `${detail.toUpperCase()} ${stringLiteral(tls[detail])}`);
  return [
    `REQUIRE ${tls.type === 'SPECIFIED' ? details.join(' AND ') : tls.type}`,
    `WITH ${limitNames.map((limit) => `${limit} ${decimal(limits[limit])}`).join(' ')}`,
    `PASSWORD EXPIRE ${typeof lifetime === 'number' ? `INTERVAL ${lifetime} DAY` : lifetime}`,
  ].join(' ');
}

/** Limits are whole, except for seconds, which the server keeps with six decimals. */
function decimal(limit: number): string {
  return Number.isInteger(limit) ? String(limit) : limit.toFixed(6);
}
