import { quoteName, quoteText } from '../quoting.ts';
import type { Difference, Step } from './difference.ts';
import { shownName } from './printable.ts';
import type { Role } from './twin-state.ts';

/** The twin's attributes must be the base's, and both may log in. */
export function attributeDifferences(base: Role, twin: Role): Difference[] {
  // Last: NOINHERIT takes what a move may need, and a role with some attributes only superusers may alter.
  const alter = (clause: string) => [
    { sql: `ALTER ROLE ${quoteName(twin.name)} ${clause}`, phase: 'attributes' as const },
  ];
  const [who, other] = [shownName(twin.name), shownName(base.name)];
  const differences: Difference[] = [];
  for (const [attribute, wanted] of Object.entries(base.attributes)) {
    if (twin.attributes[attribute] === wanted) continue;
    differences.push(
      wanted
        ? { text: `${who} lacks ${attribute}`, change: { given: attribute }, steps: alter(attribute) }
        : {
            text: `${who} has ${attribute} beyond ${other}`,
            change: { taken: attribute },
            steps: alter(`NO${attribute}`),
          },
    );
  }
  if (twin.connectionLimit !== base.connectionLimit) {
    const clause = `CONNECTION LIMIT ${base.connectionLimit}`;
    const text = `${who} has CONNECTION LIMIT ${twin.connectionLimit}, ${other} has ${base.connectionLimit}`;
    differences.push({ text, change: { given: clause }, steps: alter(clause) });
  }
  if (twin.validUntil !== base.validUntil) {
    const clause = `VALID UNTIL ${quoteText(time(base))}`;
    const text = `${who} has VALID UNTIL ${quoteText(time(twin))}, ${other} has ${quoteText(time(base))}`;
    differences.push({ text, change: { given: clause }, steps: alter(clause) });
  }
  if (!twin.login) differences.push({ text: `${who} lacks LOGIN`, change: { given: 'LOGIN' }, steps: alter('LOGIN') });
  if (!base.login) {
    // People administer the base: whoever took LOGIN from it did so on purpose.
    const remedy = `ALTER ROLE ${quoteName(base.name)} LOGIN`;
    differences.push({ text: `${other} lacks LOGIN`, change: { given: 'LOGIN' }, steps: [], remedy });
  }
  return differences;
}

/**
 * As long as its rights are moved, the twin is an ordinary role: a superuser would revoke as the owner, not what it
 * has granted itself, and without INHERIT it may not open the schemas that the base may.
 */
export function asOrdinaryRole(own: readonly Difference[], base: Role, twin: Role): readonly Difference[] {
  const alter = (clauses: readonly string[]) => `ALTER ROLE ${quoteName(twin.name)} ${clauses.join(' ')}`;
  const { SUPERUSER, INHERIT } = twin.attributes;
  const meanwhile = [...(SUPERUSER === true ? ['NOSUPERUSER'] : []), ...(INHERIT === true ? [] : ['INHERIT'])];
  const [first, ...rest] = own;
  if (first === undefined || meanwhile.length === 0 || own.some(({ steps }) => steps.length === 0)) return own;
  const again = [
    ...(SUPERUSER === true && base.attributes.SUPERUSER === true ? ['SUPERUSER'] : []),
    ...(INHERIT !== true && base.attributes.INHERIT !== true ? ['NOINHERIT'] : []),
  ];
  const last: readonly Step[] = again.length === 0 ? [] : [{ sql: alter(again), phase: 'attributes' }];
  return [{ ...first, steps: [{ sql: alter(meanwhile) }, ...first.steps, ...last] }, ...rest];
}

function time({ validUntil }: Role): string {
  return validUntil.replace(/\.0+(?=\+00)/, '').replace(/ AD$/, '');
}
