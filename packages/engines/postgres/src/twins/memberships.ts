import { quoteName } from '../quoting.ts';
import type { Difference, Step } from './difference.ts';
import { shownName } from './printable.ts';
import type { Membership, Role, TwinState } from './twin-state.ts';

/** From 16 on a membership has options of its own, and one row for each grantor. */
const optionsSince = 160_000;

/**
 * The twin is a member of the base, and of nothing else: what else it is a member of, the base becomes a member of.
 * The base's memberships reach the twin, which acts as the base.
 */
export function membershipDifferences(state: TwinState, base: Role, twin: Role): Difference[] {
  const ofTwin = state.memberships.filter(({ memberIs }) => memberIs === 'twin');
  const groups = new Map<string, Membership[]>();
  for (const row of ofTwin) {
    if (row.roleIs === 'base') continue;
    groups.set(row.role, [...(groups.get(row.role) ?? []), row]);
  }
  return [
    ...iamDifferences(state),
    ...circle(state, base, twin),
    ...inBase(
      state,
      base,
      twin,
      ofTwin.filter(({ roleIs }) => roleIs === 'base'),
    ),
    ...[...groups].filter(([role]) => role !== 'rds_iam').map(([role, rows]) => inGroup(state, base, twin, role, rows)),
  ];
}

function inBase(state: TwinState, base: Role, twin: Role, rows: readonly Membership[]): Difference[] {
  const membership = `the membership in ${shownName(base.name)}`;
  const hasOptions = state.version >= optionsSince;
  const options = hasOptions ? ' WITH INHERIT TRUE, SET TRUE' : '';
  const grant: Step = { sql: `GRANT ${quoteName(base.name)} TO ${quoteName(twin.name)}${options}`, fundamental: true };
  const lacking = [
    ...(rows.some(({ inherit }) => inherit) ? [] : ['INHERIT']),
    ...(rows.some(({ set }) => set) ? [] : ['SET']),
  ];
  const lack =
    rows.length === 0
      ? `${shownName(twin.name)} lacks ${membership}`
      : `${shownName(twin.name)} lacks the option ${lacking.join(' and ')} of ${membership}`;
  const beyond = rows.filter(({ admin }) => admin);
  return [
    ...(lacking.length === 0 ? [] : [{ text: lack, change: { given: membership }, steps: [grant] }]),
    ...(beyond.length === 0
      ? []
      : [
          {
            text: `${shownName(twin.name)} has the ADMIN OPTION of ${membership} beyond ${shownName(base.name)}`,
            change: { taken: `the ADMIN OPTION of ${membership}` },
            steps: beyond.map((row) => revoke(state, row, 'ADMIN OPTION FOR ')),
          },
        ]),
  ];
}

function inGroup(state: TwinState, base: Role, twin: Role, role: string, rows: readonly Membership[]): Difference {
  const ofBase = state.memberships.filter((row) => row.memberIs === 'base' && row.role === role && !row.grantorIsTwin);
  const anyHas = (list: readonly Membership[], option: 'admin' | 'inherit' | 'set') => list.some((row) => row[option]);
  const all = [...rows, ...ofBase];
  const options = (['admin', 'inherit', 'set'] as const).map((option) => ({ option, is: anyHas(all, option) }));
  const baseHasAll = ofBase.length > 0 && options.every(({ option, is }) => anyHas(ofBase, option) === is);
  const clause =
    state.version >= optionsSince
      ? ` WITH ${options.map(({ option, is }) => `${option.toUpperCase()} ${is ? 'TRUE' : 'FALSE'}`).join(', ')}`
      : anyHas(all, 'admin')
        ? ' WITH ADMIN OPTION'
        : '';
  return {
    text: `${shownName(twin.name)} has the membership in ${shownName(role)} of its own`,
    change: { given: `the membership in ${shownName(role)}, moved to ${shownName(base.name)}` },
    steps: [
      ...(baseHasAll ? [] : [{ sql: `GRANT ${quoteName(role)} TO ${quoteName(base.name)}${clause}` }]),
      ...rows.map((row) => revoke(state, row)),
    ],
  };
}

/** Before 16 the grantor is a note; from then on each grantor's row goes by itself. */
function revoke(state: TwinState, row: Membership, what = ''): Step {
  const sql = `REVOKE ${what}${quoteName(row.role)} FROM ${quoteName(row.member)}`;
  if (state.version < optionsSince) return { sql };
  const needs = row.grantor === state.me.name ? [] : [row.grantor];
  // What the twin has granted on with it, the base has granted by then.
  return { sql: `${sql} GRANTED BY ${quoteName(row.grantor)} CASCADE`, needs };
}

/** On RDS, members of rds_iam log in with a token, and with no password. */
function iamDifferences(state: TwinState): Difference[] {
  return state.iamMembers.map((member) => ({
    text: `${shownName(member)} is a member of rds_iam, whose members cannot log in with a password`,
    change: { taken: 'the membership in rds_iam' },
    steps: [],
    remedy: `REVOKE rds_iam FROM ${quoteName(member)}`,
  }));
}

function circle(state: TwinState, base: Role, twin: Role): Difference[] {
  if (!state.memberships.some((row) => row.memberIs === 'base' && row.roleIs === 'twin')) return [];
  return [
    {
      text: `${shownName(base.name)} is a member of ${shownName(twin.name)}, which therefore cannot be a member of it`,
      change: { taken: `the membership in ${shownName(twin.name)}` },
      steps: [],
      remedy: `REVOKE ${quoteName(twin.name)} FROM ${quoteName(base.name)}`,
    },
  ];
}
