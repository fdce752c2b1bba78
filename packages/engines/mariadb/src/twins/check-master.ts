import { RotationError } from '@keyturn/core';
import type { MariadbConnection } from '../connection.ts';
import { account } from '../quoting.ts';
import type { Difference } from './differences.ts';
import { grantStatement } from './grant-statements.ts';
import type { Master } from './master.ts';
import { privilegesToGive } from './plan.ts';
import type { Scope } from './rights.ts';
import { listed, rightWords } from './words.ts';

/**
 * Makes sure, before anything is changed, that the master may do all of it.
 * @throws RotationError `missing-privilege`, `rights-not-cloneable`
 */
export function checkMaster(
  { where }: MariadbConnection,
  master: Master,
  differences: readonly Difference[],
  missing: ReadonlySet<string>,
): void {
  const { endpoint, user } = where;
  const to = account(master.grantee.username, master.grantee.host);
  const lacking: [string, string][] = [];
  if (!master.has({ level: 'database', database: 'mysql' }, 'UPDATE')) {
    lacking.push(['UPDATE ON mysql.*', `GRANT SELECT, UPDATE ON mysql.* TO ${to};`]);
  }
  if (differences.some(({ kind }) => kind !== 'grant') && !master.has({ level: 'global' }, 'CREATE USER')) {
    lacking.push(['CREATE USER ON *.*', `GRANT CREATE USER ON *.* TO ${to};`]);
  }
  if (lacking.length > 0) {
    throw new RotationError('missing-privilege', {
      message: `the master lacks ${lacking.map(([right]) => right).join(' and ')}`,
      endpoint,
      user,
      remedy: `Run as an administrator: ${lacking.map(([, grant]) => grant).join(' ')} Nothing has been changed.`,
    });
  }
  const refused = differences.flatMap((difference) => {
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

function remedyFor(
  refused: readonly { readonly scope: Scope; readonly privileges: readonly string[] }[],
  { grantee }: Master,
): string {
  const grants = refused.map(({ scope, privileges }) => {
    const option = scope.level === 'role' ? ['ROLE', 'ADMIN OPTION'] : ['GRANT OPTION'];
    return `${grantStatement(scope, [...privileges, ...option], grantee)};`;
  });
  return [...new Set(grants)].slice(0, 5).join(' ');
}
