import type { AccountKind } from '../accounts.ts';
import { binary, bracket, passwordText, printable } from '../quoting.ts';
import type { Difference } from './difference.ts';
import { unknownPassword } from './login-differences.ts';
import type { Holder, Place } from './rights.ts';
import { placeWords } from './words.ts';

/** What is known of the pair besides its rights in this database. */
interface Pair {
  readonly kind: AccountKind;
  /** The login that the next user belongs to. */
  readonly nextLogin: string;
  readonly markedSid: string | undefined;
}

/** In what two users of one database differ, apart from their rights. */
export function userDifferences(place: Place, pair: Pair): readonly Difference[] {
  const { current, next } = place;
  if (!current.exists) return [removal(place)];
  return next.exists ? settings(place) : [creation(place, pair)];
}

function creation({ database, current, next, nameTaken }: Place, { kind, nextLogin, markedSid }: Pair): Difference {
  const name = printable(next.name);
  const clauses =
    kind === 'login'
      ? []
      : [
          `PASSWORD = ${passwordText(unknownPassword())}`,
          ...(markedSid === undefined ? [] : [`SID = ${binary(markedSid)}`]),
        ];
  const all = [...clauses, ...[...current.attributes].flatMap(([option, value]) => clause(option, value, 'leave out'))];
  const sql = [
    `CREATE USER ${bracket(next.name)}`,
    kind === 'login' ? ` FOR LOGIN ${bracket(nextLogin)}` : '',
    all.length === 0 ? '' : ` WITH ${all.join(', ')}`,
  ].join('');
  const where = placeWords(database);
  return {
    text: `${name} is no user${where}, ${printable(current.name)} is`,
    database,
    change: { given: `the user ${name}${where}` },
    statements: nameTaken ? [] : [sql],
    ...(nameTaken
      ? {
          nameTaken: true as const,
          remedy: `Somebody else has the name ${name} there, or a user is left over from a login that is gone: ALTER USER ${bracket(next.name)} WITH LOGIN = ${bracket(nextLogin)} gives it to the login; or drop it.`,
        }
      : {}),
    need: 'users',
    phase: 'first',
  };
}

function removal({ database, current, next }: Place): Difference {
  const where = placeWords(database);
  return {
    text: `${printable(next.name)} is a user${where}, ${printable(current.name)} is not`,
    database,
    change: { taken: `the user ${printable(next.name)}${where}` },
    statements: [`DROP USER ${bracket(next.name)}`],
    need: 'users',
    phase: 'last',
  };
}

function settings({ database, current, next }: Place): readonly Difference[] {
  return [...current.attributes].flatMap(([option, value]) => {
    const has = next.attributes.get(option);
    if (has === value) return [];
    const [mine, theirs] = [shown(value), shown(has)];
    return [
      {
        text: `${printable(next.name)} has ${option} ${theirs}, ${printable(current.name)} has ${mine}${placeWords(database)}`,
        database,
        change: { given: `${option} ${mine} FOR ${printable(next.name)}${placeWords(database)}` },
        statements: [`ALTER USER ${bracket(next.name)} WITH ${clause(option, value, 'NONE').join('')}`],
        need: 'users' as const,
      },
    ];
  });
}

/** @param none what stands for no value at all */
function clause(option: string, value: string | undefined, none: 'NONE' | 'leave out'): readonly string[] {
  if (option === 'ALLOW_ENCRYPTED_VALUE_MODIFICATIONS') {
    return none === 'leave out' && value !== 'ON' ? [] : [`${option} = ${value ?? 'OFF'}`];
  }
  if (value !== undefined) return [`${option} = ${bracket(value)}`];
  return none === 'NONE' ? [`${option} = ${option === 'DEFAULT_SCHEMA' ? 'NULL' : 'NONE'}`] : [];
}

function shown(value: string | undefined): string {
  return value === undefined ? 'none' : printable(value);
}

/** A holder that owns the database can do everything there: the other must be a member of db_owner. */
export function ownerDifferences({ database, current, next }: Place): readonly Difference[] {
  if (!current.isDbo || next.roles.has('db_owner')) return [];
  const where = placeWords(database);
  return [roleDifference({ database, current, next }, 'db_owner', true, where)];
}

/** In which roles only one of the two is. */
export function roleDifferences({ database, current, next }: Place): readonly Difference[] {
  const where = placeWords(database);
  const one = (role: string, gives: boolean) => roleDifference({ database, current, next }, role, gives, where);
  return [
    ...[...current.roles].filter((role) => !next.roles.has(role)).map((role) => one(role, true)),
    ...[...next.roles].filter((role) => !current.roles.has(role)).map((role) => one(role, false)),
  ];
}

function roleDifference(
  {
    database,
    current,
    next,
  }: { readonly database: string | undefined; readonly current: Holder; readonly next: Holder },
  role: string,
  gives: boolean,
  where: string,
): Difference {
  const kind = database === undefined ? 'SERVER ROLE' : 'ROLE';
  const name = printable(next.name);
  const words = `the ${kind.toLowerCase()} ${printable(role)}`;
  return {
    text: gives ? `${name} lacks ${words}${where}` : `${name} has ${words}${where}, ${printable(current.name)} has not`,
    database,
    change: gives ? { given: `${words} TO ${name}${where}` } : { taken: `${words} FROM ${name}${where}` },
    statements: [`ALTER ${kind} ${bracket(role)} ${gives ? 'ADD' : 'DROP'} MEMBER ${bracket(next.name)}`],
    need: 'roles',
  };
}
