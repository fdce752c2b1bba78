import { identifier } from '../quoting.ts';
import type { Difference } from './differences.ts';
import { grantOnObject, type ObjectRight, objectKey, proxyClause, revokeOnObject } from './grant-statements.ts';
import type { Right, UserRights } from './rights.ts';
import { nameWords, rightWords } from './words.ts';

/** A statement, and what it does in words. */
export interface PlannedStatement {
  readonly sql: string;
  readonly gives: readonly string[];
  readonly takes: readonly string[];
}

/**
 * What makes the next user equal to the current one: first all that is given, then all that is taken. A right that goes
 * less far is taken and given anew: the server has no other way.
 */
export function planOf(
  current: UserRights,
  next: UserRights,
  differences: readonly Difference[],
): readonly PlannedStatement[] {
  const rights = differences.filter((difference) => difference.kind === 'right');
  const give = rights.flatMap(({ wanted, has }) => (wanted !== undefined && !isLess(wanted, has) ? [wanted] : []));
  const exchange = rights.flatMap(({ wanted, has }) => (wanted !== undefined && isLess(wanted, has) ? [wanted] : []));
  const take = rights.flatMap(({ wanted, has }) => (wanted === undefined && has !== undefined ? [has] : []));
  const to = next.name;
  return [
    ...settingStatements(differences, [...give, ...exchange], take, to),
    ...simple([...give], to, 'give'),
    ...simple([...exchange], to, 'exchange'),
    ...objects(current, next, rights, to),
    ...proxies([...give, ...exchange], rights, to),
    ...proxyRevokes(take, to),
    ...simple(take, to, 'take'),
    ...defaultRoleStatements(current, differences, to),
  ];
}

/** Whether the next user has more than is wanted. */
export function isLess(wanted: Right, has: Right | undefined): boolean {
  if (has === undefined || wanted.target.kind === 'quota') return false;
  return has.extent !== '' && !wanted.extent.includes(has.extent);
}

function settingStatements(
  differences: readonly Difference[],
  give: readonly Right[],
  take: readonly Right[],
  to: string,
): readonly PlannedStatement[] {
  const settings = differences.flatMap((difference) =>
    difference.kind !== 'setting'
      ? []
      : difference.name === 'EDITIONS'
        ? difference.wanted === 'ENABLED'
          ? [{ sql: 'ENABLE EDITIONS', words: 'ENABLE EDITIONS' }]
          : []
        : [
            {
              sql: `${difference.name} ${identifier(difference.wanted)}`,
              words: `${difference.name} ${nameWords(difference.wanted)}`,
            },
          ],
  );
  const given = give.flatMap((right) =>
    right.target.kind === 'quota'
      ? [{ sql: `QUOTA ${right.extent} ON ${identifier(right.target.tablespace)}`, right }]
      : [],
  );
  const taken = take.flatMap((right) =>
    right.target.kind === 'quota' ? [{ sql: `QUOTA 0 ON ${identifier(right.target.tablespace)}`, right }] : [],
  );
  const clauses = [...settings, ...given, ...taken].map(({ sql }) => sql);
  if (clauses.length === 0) return [];
  return [
    {
      sql: `ALTER USER ${identifier(to)} ${clauses.join(' ')}`,
      gives: [...settings.map(({ words }) => words), ...given.map(({ right }) => rightWords(right))],
      takes: taken.map(({ right }) => rightWords(right)),
    },
  ];
}

/** System privileges, schema privileges and roles: many of one extent in one statement. */
function simple(rights: readonly Right[], to: string, how: 'give' | 'exchange' | 'take'): readonly PlannedStatement[] {
  const groups = new Map<
    string,
    { readonly what: string[]; readonly rights: Right[]; readonly on: string; readonly extent: string }
  >();
  for (const right of rights) {
    const { target, extent } = right;
    if (target.kind !== 'system' && target.kind !== 'schema' && target.kind !== 'role') continue;
    const on = target.kind === 'schema' ? ` ON SCHEMA ${identifier(target.schema)}` : '';
    const key = JSON.stringify([target.kind, on, how === 'take' ? '' : extent]);
    const group = groups.get(key) ?? { what: [], rights: [], on, extent };
    group.what.push(target.kind === 'role' ? identifier(target.role) : target.privilege);
    group.rights.push(right);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ what, rights: these, on, extent }): readonly PlannedStatement[] => {
    const revoke = `REVOKE ${what.join(', ')}${on} FROM ${identifier(to)}`;
    if (how === 'take') return [{ sql: revoke, gives: [], takes: these.map(rightWords) }];
    // A statement has one option.
    const grants = optionsIn(extent).map((option, index) => ({
      sql: `GRANT ${what.join(', ')}${on} TO ${identifier(to)}${option}`,
      gives: how === 'give' && index === 0 ? these.map(rightWords) : [],
      takes: [],
    }));
    if (how === 'give') return grants;
    // What goes is more than what comes: in words it is the options alone.
    const takes = these.map((right) => `the options of ${rightWords({ ...right, extent: '' })}`);
    return [{ sql: revoke, gives: [], takes }, ...grants];
  });
}

/** `WITH ADMIN OPTION`, `WITH DELEGATE OPTION`, each with a space before it; one empty text where there is none. */
function optionsIn(extent: string): readonly string[] {
  return extent === '' ? [''] : extent.split(/ (?=WITH )/).map((option) => ` ${option}`);
}

type RightDifference = Extract<Difference, { kind: 'right' }>;

/** Rights in objects, by object and privilege: where anything of a privilege is taken, all of it is, and given anew. */
function objects(
  current: UserRights,
  next: UserRights,
  differences: readonly RightDifference[],
  to: string,
): readonly PlannedStatement[] {
  const units = new Map<string, RightDifference[]>();
  for (const difference of differences) {
    const right = difference.wanted ?? difference.has;
    if (right === undefined || !isOnObject(right)) continue;
    const key = unitKey(right);
    units.set(key, [...(units.get(key) ?? []), difference]);
  }
  const revoked: ObjectRight[] = [];
  const given: ObjectRight[] = [];
  const statements: { readonly takes: string[] } = { takes: [] };
  for (const [key, these] of units) {
    const takes = these.filter(({ wanted, has }) => wanted === undefined || isLess(wanted, has));
    if (takes.length === 0) {
      given.push(...these.flatMap(({ wanted }) => (wanted !== undefined && isOnObject(wanted) ? [wanted] : [])));
      continue;
    }
    revoked.push(...inUnit(next, key));
    given.push(...inUnit(current, key));
    statements.takes.push(...takes.flatMap(({ has }) => (has === undefined ? [] : [rightWords(has)])));
  }
  const lacking = new Set(differences.flatMap(({ wanted }) => (wanted === undefined ? [] : [wanted])));
  return [
    ...grouped(revoked, (right) => objectKey(right)).map((rights) => ({
      sql: revokeOnObject(rights, to),
      gives: [],
      takes: rights.map(rightWords).filter((words) => statements.takes.includes(words)),
    })),
    ...grouped(given, (right) =>
      JSON.stringify([objectKey(right), right.extent, right.target.column === undefined]),
    ).map((rights) => ({
      sql: grantOnObject(rights, rights[0]?.extent ?? '', to),
      gives: rights.filter((right) => lacking.has(right)).map(rightWords),
      takes: [],
    })),
  ];
}

export function isOnObject(right: Right): right is ObjectRight {
  return right.target.kind === 'object';
}

function unitKey(right: ObjectRight): string {
  return JSON.stringify([right.target.owner, right.target.name, right.target.privilege]);
}

function inUnit({ rights }: UserRights, key: string): readonly ObjectRight[] {
  return [...rights.values()].filter(isOnObject).filter((right) => unitKey(right) === key);
}

function grouped(rights: readonly ObjectRight[], key: (right: ObjectRight) => string): readonly ObjectRight[][] {
  return [...Map.groupBy(rights, key).values()];
}

function proxies(
  give: readonly Right[],
  differences: readonly RightDifference[],
  to: string,
): readonly PlannedStatement[] {
  return give.flatMap((right) => {
    const users = proxyUsers(right, to);
    if (users === undefined) return [];
    const clause = proxyClause(right.extent);
    const changes = differences.some(({ wanted, has }) => wanted === right && has !== undefined);
    return [
      ...(changes ? [{ sql: revokeProxy(users), gives: [], takes: [] }] : []),
      {
        sql: `ALTER USER ${identifier(users.client)} GRANT CONNECT THROUGH ${identifier(users.proxy)}${clause === '' ? '' : ` ${clause}`}`,
        gives: [rightWords(right)],
        takes: [],
      },
    ];
  });
}

function proxyRevokes(take: readonly Right[], to: string): readonly PlannedStatement[] {
  return take.flatMap((right) => {
    const users = proxyUsers(right, to);
    return users === undefined ? [] : [{ sql: revokeProxy(users), gives: [], takes: [rightWords(right)] }];
  });
}

function revokeProxy({ client, proxy }: { readonly client: string; readonly proxy: string }): string {
  return `ALTER USER ${identifier(client)} REVOKE CONNECT THROUGH ${identifier(proxy)}`;
}

function proxyUsers({ target }: Right, to: string): { readonly client: string; readonly proxy: string } | undefined {
  if (target.kind === 'client-of') return { client: to, proxy: target.proxy };
  return target.kind === 'proxy-of' ? { client: target.client, proxy: to } : undefined;
}

/** Last: a role must be granted before it can be a default one. */
function defaultRoleStatements(
  current: UserRights,
  differences: readonly Difference[],
  to: string,
): readonly PlannedStatement[] {
  const about = differences.some(
    (difference) =>
      difference.kind === 'default-roles' ||
      (difference.kind === 'right' && (difference.wanted ?? difference.has)?.target.kind === 'role'),
  );
  if (!about) return [];
  const roles = [...current.rights.values()].flatMap(({ target }) => (target.kind === 'role' ? [target.role] : []));
  const chosen = roles.filter((role) => current.defaultRoles.has(role));
  const clause =
    chosen.length === roles.length ? 'ALL' : chosen.length === 0 ? 'NONE' : chosen.map(identifier).join(', ');
  const differs = differences.some(({ kind }) => kind === 'default-roles');
  return [
    {
      sql: `ALTER USER ${identifier(to)} DEFAULT ROLE ${clause}`,
      gives: differs ? [`the default roles ${chosen.length === 0 ? 'NONE' : chosen.map(nameWords).join(', ')}`] : [],
      takes: [],
    },
  ];
}
