import type { TwinPair } from '@keyturn/core';
import type { ServerVersion } from '../server-version.ts';
import { keepsPassword, placeholderFor, Verifiers } from '../verifiers.ts';
import {
  attributeStatements,
  conditionsStatement,
  createStatements,
  defaultRolesStatement,
  dropStatement,
  methodStatement,
} from './account-statements.ts';
import {
  attributes,
  type ConditionDifference,
  type Difference,
  defaultRole,
  differencesOf,
  type GrantDifference,
  method,
} from './differences.ts';
import { type Grantee, grantStatement, isWhole, revokeStatement, wholeRight } from './grant-statements.ts';
import { type AccountRights, type Scope, scopeKey } from './rights.ts';
import type { TwinRights } from './users.ts';
import { accountWords, rightWords, valueWords } from './words.ts';

/** One statement, and what it does in words. */
export interface PlannedStatement {
  readonly sql: string;
  readonly words: string;
  readonly effect: 'gives' | 'takes' | 'prepares';
}

/** An account to come has nothing yet but its demands and limits. */
export function withAccountsToMake({ current, next }: TwinRights): TwinRights {
  const made = [...current]
    .filter(([host]) => !next.has(host))
    .map(([host, model]): [string, AccountRights] => [
      host,
      {
        ...model,
        ...(model.attributes === undefined ? {} : { attributes: {} }),
        defaultRoles: [],
        grants: new Map(),
      },
    ]);
  return { current, next: new Map([...next, ...made]) };
}

/**
 * What makes the next user equal to the current one, in its order: first what it lacks, then what it has beyond.
 * @param missing keys of the scopes whose object does not exist
 */
export function planOf(
  twins: TwinRights,
  pair: TwinPair,
  version: ServerVersion,
  missing: ReadonlySet<string>,
): readonly PlannedStatement[] {
  const { current } = twins;
  const toMake = withAccountsToMake(twins);
  const placeholders = new Verifiers(placeholderFor(pair.password));
  const planned = differencesOf(current, toMake.next).filter((difference) => !isAboutMissing(difference, missing));
  const to = (host: string): Grantee => ({ username: pair.next, host });
  const model = (host: string): AccountRights => current.get(host) as AccountRights;
  const has = (host: string): AccountRights => toMake.next.get(host) as AccountRights;
  const grants = planned.filter((difference) => difference.kind === 'grant');
  const conditions = planned.filter((difference) => difference.kind === 'condition');
  const creations = [...current.values()]
    .filter(({ host }) => !twins.next.has(host))
    // Those with a password come first: it shows, whatever happens then, whose user this is.
    .sort((one, other) => Number(keepsPassword(other.plugin)) - Number(keepsPassword(one.plugin)))
    .flatMap((account) => creating(to(account.host), account, placeholders, version));
  // Before 5.7.6 an account keeps its method for good: it is made anew.
  const methods = conditions
    .filter(({ name }) => name === method)
    .map(({ host, wanted }) =>
      version.atLeast('5.7.6')
        ? gives(methodStatement(to(host), model(host), placeholders), forAccount(`${method} ${wanted}`, to(host)))
        : prepares(dropStatement(to(host))),
    );
  return [
    ...creations,
    ...grants.flatMap((grant) => giving(grant, to(grant.host), model(grant.host), missing)),
    ...withOneStatement(conditions).map(([host, words]) =>
      gives(conditionsStatement(to(host), model(host), version), forAccount(words, to(host))),
    ),
    ...named(conditions, attributes).flatMap(({ host, wanted }) => {
      const statements = attributeStatements(to(host), model(host).attributes ?? {}, has(host).attributes ?? {});
      const words = forAccount(`${attributes} ${valueWords(wanted)}`, to(host));
      return statements.map((sql, at) => (at === statements.length - 1 ? gives(sql, words) : prepares(sql)));
    }),
    ...named(conditions, defaultRole).map(({ host, wanted }) =>
      gives(defaultRolesStatement(to(host), model(host)), forAccount(`${defaultRole} ${valueWords(wanted)}`, to(host))),
    ),
    ...methods,
    ...grants.flatMap((grant) => taking(grant, to(grant.host))),
    ...planned
      .filter((difference) => difference.kind === 'account')
      .map(({ host }) => takes(dropStatement(to(host)), accountWords(pair.next, host))),
  ];
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

function goesByCreate(scope: Scope, lacking: readonly string[], missing: ReadonlySet<string>): boolean {
  return lacking.length > 0 && scope.level === 'table' && missing.has(scopeKey(scope)) && !lacking.includes('CREATE');
}

function creating(
  grantee: Grantee,
  model: AccountRights,
  placeholders: Verifiers,
  version: ServerVersion,
): readonly PlannedStatement[] {
  const words = accountWords(grantee.username, grantee.host);
  return createStatements(grantee, model, placeholders, version).map((sql, at) =>
    at === 0 ? gives(sql, words) : prepares(sql),
  );
}

function giving(
  grant: GrantDifference,
  to: Grantee,
  model: AccountRights,
  missing: ReadonlySet<string>,
): readonly PlannedStatement[] {
  const { scope, lacking, beyond } = grant;
  const words = (privileges: readonly string[]) =>
    `${rightWords(scope, privileges)} TO ${accountWords(to.username, to.host)}`;
  if (scope.level === 'restriction') {
    // To lift it is to give.
    return beyond.length === 0 ? [] : [gives(revokeStatement(scope, beyond, to), words(beyond))];
  }
  if (lacking.length === 0) return [];
  // The server gives rights in a table that does not exist only together with the right to create it.
  if (goesByCreate(scope, lacking, missing)) {
    return [
      gives(grantStatement(scope, [...lacking, 'CREATE'], to), words(lacking)),
      prepares(revokeStatement(scope, ['CREATE'], to)),
    ];
  }
  const whole = isWhole(scope) ? [...(model.grants.get(scopeKey(scope))?.privileges ?? lacking)] : lacking;
  // A second GRANT PROXY leaves the table and the server's memory with different options.
  const again = scope.level === 'proxy' && !lacking.includes('PROXY');
  const before = again ? [prepares(revokeStatement(scope, ['PROXY'], to))] : [];
  return [...before, gives(grantStatement(scope, whole, to), words(lacking))];
}

function taking({ scope, lacking, beyond }: GrantDifference, from: Grantee): readonly PlannedStatement[] {
  const words = (privileges: readonly string[]) =>
    `${rightWords(scope, privileges)} FROM ${accountWords(from.username, from.host)}`;
  if (scope.level === 'restriction') {
    return lacking.length === 0 ? [] : [takes(grantStatement(scope, lacking, from), words(lacking))];
  }
  if (beyond.length === 0) return [];
  const revoke = takes(revokeStatement(scope, beyond, from), words(beyond));
  // Its option alone cannot be taken from it: so all of it, and the right is given again.
  if (!isWhole(scope) || beyond.includes(wholeRight(scope))) return [revoke];
  return [revoke, prepares(grantStatement(scope, [wholeRight(scope)], from))];
}

/** The hosts that have conditions which one statement sets, each with all of them in words. */
function withOneStatement(conditions: readonly ConditionDifference[]): readonly (readonly [string, string])[] {
  const found = new Map<string, string[]>();
  for (const { host, name, wanted } of conditions) {
    if ([method, attributes, defaultRole].includes(name)) continue;
    found.set(host, [...(found.get(host) ?? []), `${name} ${valueWords(wanted)}`.trimEnd()]);
  }
  return [...found].map(([host, words]) => [host, words.join(' ')]);
}

function named(conditions: readonly ConditionDifference[], wanted: string): readonly ConditionDifference[] {
  return conditions.filter(({ name }) => name === wanted);
}

function forAccount(words: string, { username, host }: Grantee): string {
  return `${words} FOR ${accountWords(username, host)}`;
}

function gives(sql: string, words: string): PlannedStatement {
  return { sql, words, effect: 'gives' };
}
function takes(sql: string, words: string): PlannedStatement {
  return { sql, words, effect: 'takes' };
}
function prepares(sql: string): PlannedStatement {
  return { sql, words: '', effect: 'prepares' };
}
