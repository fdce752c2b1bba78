import type { OracleConnection, Row } from '../connection.ts';
import { type Reading, readDictionary, type SharedNames } from './dictionary.ts';
import { type Right, type Target, targetKey, type UserRights } from './rights.ts';
import { grantKey, type SharedSchema } from './shared-schema.ts';

/** What the dictionary has under these names. */
export interface Found {
  /** Without a name that no user has. */
  readonly users: ReadonlyMap<string, UserRights>;
  readonly roles: ReadonlySet<string>;
  readonly shared: SharedSchema | undefined;
}

/** Reads these users. @throws RotationError `missing-privilege` */
export async function readRights(
  connection: OracleConnection,
  names: readonly string[],
  shared?: SharedNames,
): Promise<Found> {
  const reading = await readDictionary(connection, names, shared);
  const users = new Map(
    rowsOf(reading, 'user').map((row) => {
      const [name = ''] = texts(row);
      return [name, userRights(name, row, reading, names)] as const;
    }),
  );
  return {
    users,
    roles: new Set(rowsOf(reading, 'is-role').map(([role]) => role ?? '')),
    shared: shared && sharedSchema(reading, shared),
  };
}

function sharedSchema(reading: Reading, { base, twin }: SharedNames): SharedSchema {
  const granted = rowsOf(reading, 'object').flatMap((row) => {
    const [who, owner, name = '', , privilege = ''] = texts(row);
    return who === twin && owner === base ? [grantKey(name, privilege)] : [];
  });
  const rows = rowsOf(reading, 'shared').map(texts);
  const views = new Set(rows.flatMap(([, type, name = '']) => (type === 'MATERIALIZED VIEW' ? [name] : [])));
  const objects = rows.flatMap(([, type = '', name = '']): readonly (readonly [string, string])[] => {
    // The table behind a materialized view has its name; tables in the recycle bin are nobody's any more.
    const passedOver = (type === 'TABLE' && views.has(name)) || name.startsWith('BIN$');
    return passedOver ? [] : [[type, name]];
  });
  return { base, twin, objects, granted: new Set(granted), hasTrigger: rowsOf(reading, 'trigger').length > 0 };
}

function userRights(name: string, user: Row, reading: Reading, pair: readonly string[]): UserRights {
  const [, authentication = '', externalName = '', hasLoggedIn, maintained, common] = texts(user);
  const own = (kind: string) => rowsOf(reading, kind).filter(([who]) => who === name);
  const [, profile = '', byDefault = '', temporary = '', local = '', editions = ''] = texts(own('settings')[0] ?? []);
  const rights = new Map<string, Right>();
  for (const right of rightsIn(own)) {
    // What is about the two users themselves is no right that could be the same for both.
    if (isBetween(right.target, pair)) continue;
    const key = targetKey(right.target);
    const known = rights.get(key);
    rights.set(key, known === undefined ? right : joined(known, right));
  }
  const roles = new Set([...rights.values()].flatMap(({ target }) => (target.kind === 'role' ? [target.role] : [])));
  for (const [key, right] of rights) {
    if (right.target.kind === 'client-of') rights.set(key, effective(right, roles));
  }
  return {
    name,
    account: {
      authentication,
      externalName,
      hasLoggedIn: hasLoggedIn === 'YES',
      isSpecial: maintained === 'Y' || common === 'YES',
    },
    settings: new Map([
      ['PROFILE', profile],
      ['DEFAULT TABLESPACE', byDefault],
      ['TEMPORARY TABLESPACE', temporary],
      ['LOCAL TEMPORARY TABLESPACE', local],
      ['EDITIONS', editions === 'Y' ? 'ENABLED' : 'NOT ENABLED'],
    ]),
    rights,
    defaultRoles: new Set(
      own('role').flatMap((row) => {
        const [, role = '', , , isDefault] = texts(row);
        return isDefault === 'YES' ? [role] : [];
      }),
    ),
    owned: own('owned').map((row) => texts(row).slice(1, 3).join(' ')),
  };
}

function rightsIn(own: (kind: string) => readonly Row[]): readonly Right[] {
  const types = new Map<string, string>();
  const read = (kind: string, right: (fields: readonly string[]) => Right) => own(kind).map((row) => right(texts(row)));
  const objects = read(
    'object',
    ([, owner = '', name = '', type = '', privilege = '', grantable, hierarchy, grantor = '']) => {
      types.set(`${owner}\0${name}`, type);
      const options = [
        ...(hierarchy === 'YES' ? ['WITH HIERARCHY OPTION'] : []),
        ...(grantable === 'YES' ? ['WITH GRANT OPTION'] : []),
      ];
      return of({ kind: 'object', owner, name, type, privilege, column: undefined }, options, [grantor]);
    },
  );
  return [
    ...read('system', ([, privilege = '', admin]) => of({ kind: 'system', privilege }, adminOption(admin))),
    ...read('schema', ([, privilege = '', schema = '', admin]) =>
      of({ kind: 'schema', privilege, schema }, adminOption(admin)),
    ),
    ...read('role', ([, role = '', admin, delegate]) =>
      of({ kind: 'role', role }, [...adminOption(admin), ...(delegate === 'YES' ? ['WITH DELEGATE OPTION'] : [])]),
    ),
    ...objects,
    ...read('column', ([, owner = '', name = '', column = '', privilege = '', grantable, grantor = '']) => {
      // The view does not tell the type; only tables and views have columns, and GRANT names neither.
      const type = types.get(`${owner}\0${name}`) ?? 'TABLE';
      const options = grantable === 'YES' ? ['WITH GRANT OPTION'] : [];
      return of({ kind: 'object', owner, name, type, privilege, column }, options, [grantor]);
    }),
    ...read('quota', ([, tablespace = '', bytes = '']) =>
      of({ kind: 'quota', tablespace }, [Number(bytes) < 0 ? 'UNLIMITED' : bytes]),
    ),
    ...read('client-of', ([, proxy = '', ...how]) => of({ kind: 'client-of', proxy }, [proxyExtent(how)])),
    ...read('proxy-of', ([, client = '', ...how]) => of({ kind: 'proxy-of', client }, [proxyExtent(how)])),
    ...read('consumer-group', ([, group = '', option]) =>
      of({ kind: 'consumer-group', group }, option === 'YES' ? ['WITH GRANT OPTION'] : []),
    ),
  ];
}

/** The clause of GRANT CONNECT THROUGH; roles of several rows are joined, see {@link joined}. */
function proxyExtent([authentication, constraint = '', role = '']: readonly string[]): string {
  const proof = authentication === 'YES' ? ' AUTHENTICATION REQUIRED' : '';
  if (constraint.startsWith('NO CLIENT ROLES')) return `WITH NO ROLES${proof}`;
  if (constraint === 'PROXY MAY ACTIVATE ROLE') return `${JSON.stringify(['WITH ROLE', [role], proof])}`;
  if (constraint === 'PROXY MAY NOT ACTIVATE ROLE') return `${JSON.stringify(['WITH ROLE ALL EXCEPT', [role], proof])}`;
  return proof.trim();
}

/** One right that stands in several rows: of several grantors, or with a role in each. */
function joined(one: Right, other: Right): Right {
  const grantors = [...new Set([...one.grantors, ...other.grantors])];
  const { target } = one;
  if (target.kind !== 'client-of' && target.kind !== 'proxy-of') {
    const options = [...new Set([...split(one.extent), ...split(other.extent)])].toSorted(byText);
    return { target, grantors, extent: options.join(' ') };
  }
  if (!one.extent.startsWith('[') || !other.extent.startsWith('[')) return one;
  const [clause, roles, proof] = JSON.parse(one.extent) as [string, string[], string];
  const [, more] = JSON.parse(other.extent) as [string, string[], string];
  const all = [...new Set([...roles, ...more])].toSorted(byText);
  return { target, grantors, extent: JSON.stringify([clause, all, proof]) };
}

/** A role that the client has not, no proxy can activate, and no statement can name; the dictionary may still. */
function effective(right: Right, roles: ReadonlySet<string>): Right {
  if (!right.extent.startsWith('[')) return right;
  const [clause, named, proof] = JSON.parse(right.extent) as [string, string[], string];
  const had = named.filter((role) => roles.has(role));
  if (had.length > 0) return { ...right, extent: JSON.stringify([clause, had, proof]) };
  return { ...right, extent: clause === 'WITH ROLE' ? `WITH NO ROLES${proof}` : proof.trim() };
}

function split(extent: string): readonly string[] {
  return extent === '' ? [] : extent.split(/ (?=WITH )/);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function of(target: Target, options: readonly string[], grantors: readonly string[] = []): Right {
  return { target, extent: options.toSorted(byText).join(' '), grantors };
}

function adminOption(admin: string | undefined): readonly string[] {
  return admin === 'YES' ? ['WITH ADMIN OPTION'] : [];
}

function isBetween(target: Target, pair: readonly string[]): boolean {
  switch (target.kind) {
    case 'object':
      return target.type === 'USER' ? pair.includes(target.name) : pair.includes(target.owner);
    case 'schema':
      return pair.includes(target.schema);
    case 'client-of':
      return pair.includes(target.proxy);
    case 'proxy-of':
      return pair.includes(target.client);
    default:
      return false;
  }
}

function rowsOf(reading: Reading, kind: string): readonly Row[] {
  return reading.get(kind) ?? [];
}

function texts(row: Row): readonly string[] {
  return row.map((value) => value ?? '');
}
