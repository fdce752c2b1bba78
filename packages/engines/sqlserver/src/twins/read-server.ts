import type { Row } from '../connection.ts';
import { binary } from '../quoting.ts';
import type { Holder, Owned, Permission, PermissionState, Place, Securable } from './rights.ts';
import { grouped, ofHolder } from './rows.ts';
import { jobsSql, serverRightsSql } from './server-query.ts';

/** The two logins' rows of `sys.server_principals`. */
export interface Logins {
  readonly current: Row | undefined;
  readonly next: Row | undefined;
  readonly nextName: string;
}

/** Every login has this by CREATE LOGIN. */
const fromCreation: readonly Permission[] = [
  {
    group: '100:0:CONNECT SQL',
    securable: { keyword: '', names: [] },
    column: undefined,
    name: 'CONNECT SQL',
    state: 'G',
    grantor: 'sa',
  },
];

/** Asks what two logins are and may do on the server itself; {@link serverPlace} reads the answers. */
export function serverSql(session: Row, { current, next }: Logins): readonly string[] {
  const rows = [current, next].filter((row) => row !== undefined);
  const jobs = session.seesJobs === 1 ? [jobsSql(rows.map(({ sid }) => binary(String(sid))))] : [];
  return [...serverRightsSql(rows.map(({ id }) => Number(id))), ...jobs];
}

/** What two logins are and may do on the server itself. */
export function serverPlace(
  session: Row,
  { current, next, nextName }: Logins,
  databases: readonly Row[],
  results: readonly (readonly Row[])[],
): Place {
  const jobs = session.seesJobs === 1 ? (results.at(-1) ?? []) : [];
  const holder = (row: Row | undefined, name: string): Holder =>
    row === undefined ? absentLogin(name) : loginHolder(row, results, { databases, jobs });
  return {
    database: undefined,
    writable: true,
    current: holder(current, ''),
    next: holder(next, nextName),
    nameTaken: false,
    master: {
      name: String(session.name),
      seesAll: true,
      altersUsers: session.altersLogins === 1,
      altersRoles: session.altersRoles === 1,
    },
  };
}

function absentLogin(name: string): Holder {
  return {
    exists: false,
    name,
    isDbo: false,
    attributes: new Map(),
    roles: new Set(),
    credentials: new Set(),
    permissions: fromCreation,
    handedOn: new Map(),
    owns: [],
  };
}

function loginHolder(
  row: Row,
  results: readonly (readonly Row[])[],
  owned: { readonly databases: readonly Row[]; readonly jobs: readonly Row[] },
): Holder {
  const [roles, permissions, handedOn, credentials, serverRoles, endpoints] = results.map((rows) =>
    ofHolder(rows, row.id),
  );
  const named = (keyword: string, rows: readonly Row[]): readonly Owned[] =>
    rows.map(({ name }) => ({ keyword, names: [String(name)] }));
  return {
    exists: true,
    name: String(row.name),
    isDbo: false,
    attributes: new Map([
      ['DEFAULT_DATABASE', textOrNone(row.database)],
      ['DEFAULT_LANGUAGE', textOrNone(row.language)],
      ['CHECK_POLICY', onOff(row.policy)],
      ['CHECK_EXPIRATION', onOff(row.expiration)],
      ['DISABLED', onOff(row.disabled)],
    ]),
    roles: new Set((roles ?? []).map(({ name }) => String(name))),
    credentials: new Set((credentials ?? []).map(({ name }) => String(name))),
    permissions: (permissions ?? []).map(permission),
    handedOn: grouped(handedOn ?? []),
    owns: [
      ...named(
        'DATABASE',
        owned.databases.filter(({ owner }) => owner === row.sid),
      ),
      ...named('SERVER ROLE', serverRoles ?? []),
      ...named('ENDPOINT', endpoints ?? []),
      ...named(
        'JOB',
        owned.jobs.filter(({ owner }) => owner === row.sid),
      ),
    ],
  };
}

function permission(row: Row): Permission {
  return {
    group: `${row.class}:${row.major}:${row.name}`,
    securable: securableOf(row),
    column: undefined,
    name: String(row.name),
    state: String(row.state).trim() as PermissionState,
    // What a member of sysadmin gives is given by sa.
    grantor: row.grantorId === 1 ? 'sa' : String(row.grantor),
  };
}

function securableOf(row: Row): Securable | undefined {
  const named = (keyword: string, name: unknown): Securable | undefined =>
    typeof name === 'string' ? { keyword, names: [name] } : undefined;
  switch (row.class) {
    case 100:
      return { keyword: '', names: [] };
    case 101:
      return named(String(row.kind).trim() === 'R' ? 'SERVER ROLE' : 'LOGIN', row.principal);
    case 105:
      return named('ENDPOINT', row.endpoint);
    case 108:
      return named('AVAILABILITY GROUP', row.availability);
    default:
      return undefined;
  }
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function onOff(value: unknown): string {
  return value === true || value === 1 ? 'ON' : 'OFF';
}
