import { RotationError } from '@keyturn/core';
import type { MysqlConnection } from '../connection.ts';
import { account } from '../quoting.ts';
import { serverVersion } from '../server-version.ts';
import type { Difference } from './differences.ts';
import { grantStatement, isWhole, wholeRight } from './grant-statements.ts';
import type { Master } from './master.ts';
import { privilegesToGive } from './plan.ts';
import { type Scope, scopeKey, type UserRights } from './rights.ts';
import type { TwinRights } from './users.ts';
import { listed, rightWords } from './words.ts';

/**
 * Makes sure, before anything is changed, that the master may do all of it.
 * @throws RotationError `missing-privilege`, `rights-not-cloneable`
 */
export async function checkMaster(
  connection: MysqlConnection,
  master: Master,
  twins: TwinRights,
  grants: readonly Difference[],
  missing: ReadonlySet<string>,
): Promise<void> {
  const { endpoint, user } = connection.where;
  const lacking = await lackingRights(connection, master, twins);
  if (lacking.length > 0) {
    const to = account(master.grantee.username, master.grantee.host);
    throw new RotationError('missing-privilege', {
      message: `the master lacks ${lacking.join(' and ')}`,
      endpoint,
      user,
      remedy: `Run as an administrator: ${lacking.map((right) => `GRANT ${right} TO ${to};`).join(' ')} Nothing has been changed.`,
    });
  }
  const refused = grants.flatMap((difference) => {
    if (difference.kind !== 'grant') return [];
    const { scope, beyond } = difference;
    const privileges = master.cannotGive(scope, [...privilegesToGive(difference, missing), ...beyond]);
    return privileges.length === 0 ? [] : [{ scope, privileges }];
  });
  if (refused.length === 0) return;
  throw new RotationError('rights-not-cloneable', {
    message: `the master may neither give nor take: ${listed([...new Set(refused.map(({ scope, privileges }) => rightWords(scope, privileges)))])}`,
    endpoint,
    user,
    remedy: `Run as an administrator: ${remedyFor(refused, master)} Or take these rights from both users. Nothing has been changed.`,
  });
}

/** Rights that the master lacks, as GRANT names them. */
async function lackingRights(
  connection: MysqlConnection,
  master: Master,
  { current, next }: TwinRights,
): Promise<readonly string[]> {
  const version = await serverVersion(connection);
  const found: string[] = [];
  if (!master.has({ level: 'global' }, 'CREATE USER')) found.push('CREATE USER ON *.*');
  // It is what SET PASSWORD FOR asks for.
  if (!version.atLeast('5.7.6') && !master.has({ level: 'database', database: 'mysql' }, 'UPDATE')) {
    found.push('UPDATE ON mysql.*');
  }
  const systemUser: Scope = { level: 'dynamic', privilege: 'SYSTEM_USER' };
  const isSystem = (rights: UserRights) => [...rights.values()].some(({ grants }) => grants.has(scopeKey(systemUser)));
  if ((isSystem(current) || isSystem(next)) && !master.has(systemUser, 'USE')) found.push('SYSTEM_USER ON *.*');
  return found;
}

function remedyFor(
  refused: readonly { readonly scope: Scope; readonly privileges: readonly string[] }[],
  { grantee }: Master,
): string {
  const grants = refused.map(({ scope, privileges }) => {
    if (scope.level === 'restriction') {
      return `${grantStatement({ level: 'global' }, [...privileges, 'GRANT OPTION'], grantee)};`;
    }
    const whole = isWhole(scope) ? [wholeRight(scope)] : privileges;
    const option = scope.level === 'role' ? 'ADMIN OPTION' : 'GRANT OPTION';
    return `${grantStatement(scope, [...whole, option], grantee)};`;
  });
  return [...new Set(grants)].slice(0, 5).join(' ');
}
