import { RotationError, type TwinPair } from '@keyturn/core';
import type { OracleConnection } from '../connection.ts';
import { dictionaryName } from '../names.ts';
import { identifier } from '../quoting.ts';
import type { Difference } from './differences.ts';
import { grantOnObject } from './grant-statements.ts';
import type { Master } from './master.ts';
import { isLess, isOnObject } from './plan.ts';
import type { Right } from './rights.ts';
import { differenceWords, listed, rightWords } from './words.ts';

/**
 * Makes sure, before anything is changed, that the master may do all of it.
 * @throws RotationError `missing-privilege`, `rights-not-cloneable`
 */
export function checkMaster(
  { where }: OracleConnection,
  master: Master,
  differences: readonly Difference[],
  makes: boolean,
): void {
  const { endpoint, user } = where;
  const needed = [
    ...(makes ? ['CREATE USER'] : []),
    'ALTER USER',
    ...(differences.some(({ kind }) => kind === 'current-schema') ? ['CREATE ANY TRIGGER'] : []),
  ];
  const lacking = needed.filter((privilege) => !master.has(privilege));
  if (lacking.length > 0) {
    throw new RotationError('missing-privilege', {
      message: `the master lacks ${lacking.join(' and ')}`,
      endpoint,
      user,
      remedy: `Run as an administrator: GRANT ${lacking.join(', ')} TO ${identifier(master.name)}; Nothing has been changed.`,
    });
  }
  const rights = differences.filter((difference) => difference.kind === 'right');
  const shared = differences.flatMap((each) => (each.kind === 'shared' ? [each.right] : []));
  const give = [...rights.flatMap(({ wanted }) => (wanted === undefined ? [] : [wanted])), ...shared].filter(
    (right) => !master.mayGive(right),
  );
  const take = rights.flatMap(({ wanted, has }) =>
    has === undefined || (wanted !== undefined && !isLess(wanted, has)) || master.mayTake(has) ? [] : [has],
  );
  if (give.length + take.length === 0) return;
  const words = [...give.map((right) => `to give ${rightWords(right)}`), ...take.map(takeWords)];
  const grants = [...new Set([...give, ...take].map((right) => grantFor(right, master)))].slice(0, 5);
  throw new RotationError('rights-not-cloneable', {
    message: `the master may not do this: ${listed(words)}`,
    endpoint,
    user,
    remedy: `Run as an administrator: ${grants.join(' ')} Or take these rights from both users. Nothing has been changed.`,
  });
}

function takeWords(right: Right): string {
  return `to take ${rightWords(right)}${right.grantors.length === 0 ? '' : `, granted by ${right.grantors.join(' and ')}`}`;
}

/** What an administrator runs so that the master may give and take this. */
function grantFor(right: Right, master: Master): string {
  const { target } = right;
  const to = identifier(master.name);
  switch (target.kind) {
    case 'system':
      return `GRANT ${target.privilege} TO ${to} WITH ADMIN OPTION;`;
    case 'role':
      return `GRANT ${identifier(target.role)} TO ${to} WITH ADMIN OPTION;`;
    case 'schema':
      return `GRANT GRANT ANY SCHEMA PRIVILEGE TO ${to};`;
    case 'consumer-group':
      return 'see DBMS_RESOURCE_MANAGER_PRIVS.GRANT_SWITCH_CONSUMER_GROUP and REVOKE_SWITCH_CONSUMER_GROUP, and run them for the other user.';
    default:
      if (!isOnObject(right) || right.grantors.length > 0) return `GRANT GRANT ANY OBJECT PRIVILEGE TO ${to};`;
      return `${grantOnObject([right], 'WITH GRANT OPTION', master.name)};`;
  }
}

/**
 * Refuses what nobody can give to another user.
 * @throws RotationError `rights-not-cloneable`, naming each
 */
export function checkCloneable(differences: readonly Difference[], pair: TwinPair, endpoint: string): void {
  const lost = differences.filter(
    (difference) =>
      difference.kind === 'ownership' ||
      (difference.kind === 'setting' && difference.name === 'EDITIONS' && difference.wanted !== 'ENABLED'),
  );
  if (lost.length === 0) return;
  throw new RotationError('rights-not-cloneable', {
    message: `these cannot be the same for two users: ${listed(lost.flatMap((each) => differenceWords(each, dictionaryName(pair.current), dictionaryName(pair.next))))}`,
    endpoint,
    user: pair.current,
    remedy:
      'Let a user own the objects that nobody rotates, and give both users the same rights in them; or share the schema of the user without the suffix (option sharedSchema); or rotate a single user. Nothing has been changed.',
  });
}
