import { randomBytes } from 'node:crypto';
import { Password } from '@keyturn/core';
import { binary, bracket, passwordText, printable } from '../quoting.ts';
import type { Difference } from './difference.ts';
import type { Holder, Place } from './rights.ts';

/** Nobody knows it, and it satisfies every policy: until it gets another one, the login lets nobody in. */
export function unknownPassword(): Password {
  return new Password(`${randomBytes(48).toString('base64url')}aA1!`);
}

/** What CREATE LOGIN makes of a login, apart from its rights, and in what two logins differ in it. */
export function loginDifferences(place: Place, markedSid: string | undefined): readonly Difference[] {
  const { current, next } = place;
  if (!next.exists) return [creation(current, next, markedSid), ...state(current, undefined, next)];
  return [...settings(current, next), ...state(current, next, next), ...credentials(current, next)];
}

const options = ['DEFAULT_DATABASE', 'DEFAULT_LANGUAGE', 'CHECK_EXPIRATION', 'CHECK_POLICY'] as const;

function creation(current: Holder, next: Holder, sid: string | undefined): Difference {
  const [name, as] = [printable(next.name), printable(current.name)];
  const clauses = [
    `PASSWORD = ${passwordText(unknownPassword())}`,
    ...(sid === undefined ? [] : [`SID = ${binary(sid)}`]),
    ...options.flatMap((option) => clause(option, current)),
  ];
  return {
    text: `there is no login ${name}`,
    database: undefined,
    change: { given: `the login ${name}, as ${as} has it` },
    statements: [
      `CREATE LOGIN ${bracket(next.name)} WITH ${clauses.join(', ')}`,
      ...[...current.credentials].map(
        (credential) => `ALTER LOGIN ${bracket(next.name)} ADD CREDENTIAL ${bracket(credential)}`,
      ),
    ],
    need: 'users',
    phase: 'first',
  };
}

/** All in one statement: an expiration without a policy is refused, whichever comes first. */
function settings(current: Holder, next: Holder): readonly Difference[] {
  const differing = options.filter((option) => current.attributes.get(option) !== next.attributes.get(option));
  if (differing.length === 0) return [];
  // Turning the policy on or off changes the expiration, too.
  const set = differing.includes('CHECK_POLICY')
    ? [...new Set([...differing, 'CHECK_EXPIRATION' as const])]
    : differing;
  const sql = `ALTER LOGIN ${bracket(next.name)} WITH ${set.flatMap((option) => clause(option, current)).join(', ')}`;
  return differing.map((option, index) => ({
    text: `${printable(next.name)} has ${option} ${shown(next, option)}, ${printable(current.name)} has ${shown(current, option)}`,
    database: undefined,
    change: { given: `${option} ${shown(current, option)} FOR ${printable(next.name)}` },
    statements: index === 0 ? [sql] : [],
    need: 'users',
  }));
}

function clause(option: (typeof options)[number], { attributes }: Holder): readonly string[] {
  const value = attributes.get(option);
  if (value === undefined) return [];
  return [`${option} = ${option.startsWith('CHECK_') ? value : bracket(value)}`];
}

function state(current: Holder, there: Holder | undefined, next: Holder): readonly Difference[] {
  const wanted = current.attributes.get('DISABLED');
  if (wanted === (there?.attributes.get('DISABLED') ?? 'OFF')) return [];
  const action = wanted === 'ON' ? 'DISABLE' : 'ENABLE';
  return [
    {
      text: `${printable(next.name)} is ${wanted === 'ON' ? 'enabled' : 'disabled'}, ${printable(current.name)} is not`,
      database: undefined,
      change: { given: `${action} FOR ${printable(next.name)}` },
      statements: [`ALTER LOGIN ${bracket(next.name)} ${action}`],
      need: 'users',
      // A login that is opened has all its rights by then.
      phase: 'last',
    },
  ];
}

function credentials(current: Holder, next: Holder): readonly Difference[] {
  const change = (name: string, gives: boolean): Difference => {
    const words = `CREDENTIAL ${printable(name)} ${gives ? 'TO' : 'FROM'} ${printable(next.name)}`;
    return {
      text: `${printable(next.name)} ${gives ? 'lacks' : 'has'} the credential ${printable(name)}${gives ? '' : `, ${printable(current.name)} has not`}`,
      database: undefined,
      change: gives ? { given: words } : { taken: words },
      statements: [`ALTER LOGIN ${bracket(next.name)} ${gives ? 'ADD' : 'DROP'} CREDENTIAL ${bracket(name)}`],
      need: 'users',
    };
  };
  return [
    ...[...current.credentials].filter((name) => !next.credentials.has(name)).map((name) => change(name, true)),
    ...[...next.credentials].filter((name) => !current.credentials.has(name)).map((name) => change(name, false)),
  ];
}

function shown({ attributes }: Holder, option: string): string {
  const value = attributes.get(option);
  return value === undefined ? 'none' : printable(value);
}
