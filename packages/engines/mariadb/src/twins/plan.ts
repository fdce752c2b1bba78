import type { TwinPair } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { hasPassword } from '../accounts.ts';
import {
  type Credential,
  conditionsStatement,
  createStatement,
  defaultRoleStatement,
  dropStatement,
  type LoginChange,
  loginStatement,
} from './account-statements.ts';
import { type Difference, differencesOf, type GrantDifference, isAboutLogin } from './differences.ts';
import { type Grantee, grantStatement, needsOracleMode, revokeStatement } from './grant-statements.ts';
import { type AccountRights, scopeKey } from './rights.ts';
import type { TwinRights } from './users.ts';
import { accountWords, rightWords } from './words.ts';

/** One statement, and what it does in words. */
export interface PlannedStatement {
  readonly sql: string;
  readonly words: string;
  readonly effect: 'gives' | 'takes' | 'prepares';
  readonly oracleMode: boolean;
}

/** What makes the next user equal to the current one. */
export interface Plan {
  /** Rights and conditions; an account that is made is locked. */
  readonly rights: readonly PlannedStatement[];
  /** What lets the accounts log in: to be run when a fresh reading shows that only this is left. */
  readonly logins: readonly PlannedStatement[];
}

/** An account to come has nothing yet but its demands and limits. */
export function withAccountsToMake({ current, next }: TwinRights): TwinRights {
  const made = [...current]
    .filter(([host]) => !next.has(host))
    .map(([host, model]): [string, AccountRights] => [
      host,
      { ...model, locked: true, defaultRole: '', grants: new Map() },
    ]);
  return { current, next: new Map([...next, ...made]) };
}

/** @param missing keys of the scopes whose object does not exist */
export function planOf(twins: TwinRights, pair: TwinPair, credential: Credential, missing: ReadonlySet<string>): Plan {
  const { current, next } = twins;
  const create = [...current.values()]
    .filter(({ host }) => !next.has(host))
    // Those with a password come first: it shows, whatever happens then, whose user this is.
    .sort((one, other) => Number(passwordOf(other)) - Number(passwordOf(one)))
    .map((model) => gives(createStatement(named(pair, model), model, credential), accountWords(pair.next, model.host)));
  const planned = differencesOf(current, withAccountsToMake(twins).next).filter(
    (difference) => !isAboutMissing(difference, missing),
  );
  const grants = planned.filter((difference) => difference.kind === 'grant');
  const to = (host: string): Grantee => ({ username: pair.next, host });
  const conditions = byHost(planned, ({ name }) => name !== 'DEFAULT ROLE');
  const defaultRoles = byHost(planned, ({ name }) => name === 'DEFAULT ROLE');
  const model = (host: string): AccountRights => current.get(host) as AccountRights;
  return {
    rights: [
      ...create,
      ...grants.flatMap((grant) => giving(grant, to(grant.host), missing)),
      ...conditions.map(([host, words]) =>
        gives(conditionsStatement(to(host), model(host)), forAccount(words, to(host))),
      ),
      ...defaultRoles.map(([host, words]) =>
        gives(defaultRoleStatement(to(host), model(host)), forAccount(words, to(host))),
      ),
      ...grants.flatMap((grant) => taking(grant, to(grant.host))),
      ...planned
        .filter((difference) => difference.kind === 'account')
        .map(({ host }) => takes(dropStatement(to(host)), accountWords(pair.next, host))),
    ],
    logins: loginStatements(
      [...new Set(planned.filter(isAboutLogin).map(({ host }) => host))].map((host) => ({
        grantee: to(host),
        model: model(host),
        credential: neededCredential(twins, host, credential),
      })),
    ),
  };
}

/** Columns and routines that are gone: a table that is gone has a way around, see {@link giving}. */
export function isAboutMissing(difference: Difference, missing: ReadonlySet<string>): boolean {
  if (difference.kind !== 'grant' || difference.beyond.length > 0 || difference.scope.level === 'table') return false;
  return missing.has(scopeKey(difference.scope));
}

/** What a master has to be able to give for this grant: more than the grant, where the table does not exist. */
export function privilegesToGive({ scope, lacking }: GrantDifference, missing: ReadonlySet<string>): readonly string[] {
  return goesByCreate(scope, lacking, missing) ? [...lacking, 'CREATE'] : lacking;
}

function goesByCreate(
  scope: GrantDifference['scope'],
  lacking: readonly string[],
  missing: ReadonlySet<string>,
): boolean {
  return scope.level === 'table' && missing.has(scopeKey(scope)) && !lacking.includes('CREATE');
}

function giving(grant: GrantDifference, to: Grantee, missing: ReadonlySet<string>): readonly PlannedStatement[] {
  const { scope, lacking } = grant;
  if (lacking.length === 0) return [];
  const words = `${rightWords(scope, lacking)} TO ${accountWords(to.username, to.host)}`;
  const oracleMode = needsOracleMode(scope);
  // The server gives rights in a table that does not exist only together with the right to create it.
  if (goesByCreate(scope, lacking, missing)) {
    return [
      gives(grantStatement(scope, [...lacking, 'CREATE'], to), words),
      prepares(revokeStatement(scope, ['CREATE'], to)),
    ];
  }
  // A second GRANT PROXY leaves the table and the server's memory with different options.
  const again = scope.level === 'proxy' && !lacking.includes('PROXY');
  const before = again ? [prepares(revokeStatement(scope, ['PROXY'], to))] : [];
  return [...before, { ...gives(grantStatement(scope, lacking, to), words), oracleMode }];
}

function taking({ scope, beyond }: GrantDifference, from: Grantee): readonly PlannedStatement[] {
  if (beyond.length === 0) return [];
  const words = `${rightWords(scope, beyond)} FROM ${accountWords(from.username, from.host)}`;
  return [{ ...takes(revokeStatement(scope, beyond, from), words), oracleMode: needsOracleMode(scope) }];
}

/** What opens accounts comes last. */
function loginStatements(changes: readonly LoginChange[]): readonly PlannedStatement[] {
  return (['LOCK', 'UNLOCK'] as const).flatMap((action) => {
    const chosen = changes.filter(({ model }) => model.locked === (action === 'LOCK'));
    return chosen.length === 0 ? [] : [prepares(loginStatement(chosen, action))];
  });
}

function neededCredential(twins: TwinRights, host: string, credential: Credential): Credential | undefined {
  const [has, model] = [twins.next.get(host), twins.current.get(host)];
  if (has === undefined || model === undefined) return undefined;
  const methodsDiffer = differencesOf(new Map([[host, model]]), new Map([[host, has]])).some(
    (difference) => difference.kind === 'condition' && difference.name === 'IDENTIFIED VIA',
  );
  // An account that was made for another password must not be opened with it.
  const opens = has.locked && !model.locked && passwordOf(model) && !hasPassword(has, nativeHash(credential.password));
  return methodsDiffer || opens ? credential : undefined;
}

function passwordOf({ methods }: AccountRights): boolean {
  return methods.some(({ plugin }) => plugin === 'mysql_native_password');
}

type Condition = Extract<Difference, { kind: 'condition' }>;

/** The hosts that have such a condition, each with all of them in words. */
function byHost(
  differences: readonly Difference[],
  chosen: (condition: Condition) => boolean,
): readonly (readonly [string, string])[] {
  const found = new Map<string, string[]>();
  for (const difference of differences) {
    if (difference.kind !== 'condition' || isAboutLogin(difference) || !chosen(difference)) continue;
    found.set(difference.host, [...(found.get(difference.host) ?? []), `${difference.name} ${difference.wanted}`]);
  }
  return [...found].map(([host, words]) => [host, words.join(' ')]);
}

function named({ next }: TwinPair, { host }: AccountRights): Grantee {
  return { username: next, host };
}

function forAccount(words: string, { username, host }: Grantee): string {
  return `${words} FOR ${accountWords(username, host)}`;
}

function gives(sql: string, words: string): PlannedStatement {
  return { sql, words, effect: 'gives', oracleMode: false };
}
function takes(sql: string, words: string): PlannedStatement {
  return { sql, words, effect: 'takes', oracleMode: false };
}
function prepares(sql: string): PlannedStatement {
  return { sql, words: '', effect: 'prepares', oracleMode: false };
}
