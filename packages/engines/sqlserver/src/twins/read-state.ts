import { RotationError, type TwinPair } from '@keyturn/core';
import { authenticatedByDatabase } from '../accounts.ts';
import type { Row, SqlServerConnection } from '../connection.ts';
import { binary, text } from '../quoting.ts';
import { markedSid } from './marked-sid.ts';
import { type Pairing, readDatabases, usersInSql } from './read-databases.ts';
import { serverPlace, serverSql } from './read-server.ts';
import type { TwinState } from './rights.ts';
import { principalsSql } from './server-query.ts';

/** The first is made anew at each start, and the second is what new databases are copied from: nobody works there. */
const withoutUsers: readonly string[] = ['tempdb', 'model'];

/** A database of Amazon RDS itself, in which no customer can make a user. */
const ofRds = 'rdsadmin';

/** No user has it: for one that does not exist. */
const noSid = '0x';

/**
 * Reads both users afresh, wherever the server knows them.
 * @throws RotationError `missing-privilege` if the master may not see all of it: nothing is concluded from half of it
 */
export async function readState(connection: SqlServerConnection, pair: TwinPair): Promise<TwinState> {
  const [[session = {}] = [], users = [], logins = [], databases = []] = await connection.query(principalsSql(pair));
  const contained = ofName(users, pair.current)?.authentication === authenticatedByDatabase;
  return contained
    ? containedState(connection, pair, session, users)
    : loginState(connection, pair, session, logins, databases);
}

async function loginState(
  connection: SqlServerConnection,
  pair: TwinPair,
  session: Row,
  logins: readonly Row[],
  databases: readonly Row[],
): Promise<TwinState> {
  refuseBlindness(connection, session);
  const [current, next, base] = [pair.current, pair.next, pair.base].map((name) => ofName(logins, name));
  const isLogin = (row: Row | undefined) => row !== undefined && String(row.type).trim() === 'S';
  const sids = { current: String(current?.sid ?? noSid), next: isLogin(next) ? String(next?.sid) : noSid };
  const pairing: Pairing = {
    ofCurrent: ({ sid }) => sid === sids.current,
    ofNext: ({ sid }) => sid === sids.next,
    nextName: String(next?.name ?? pair.next),
    who: `u.sid IN (${
      [sids.current, sids.next]
        .filter((sid) => sid !== noSid)
        .map(binary)
        .join(', ') || 'NULL'
    }) OR u.name = ${text(pair.next)}`,
    contained: false,
  };
  const online = databases.filter(({ name, state }) => state === 'ONLINE' && !withoutUsers.includes(String(name)));
  const open = online.filter(({ access }) => access === 1);
  const closed = online.filter(({ access, name }) => access !== 1 && name !== ofRds);
  const both = { current, next: isLogin(next) ? next : undefined, nextName: pair.next };
  const readPlaces = async () => {
    const ofServer = serverSql(session, both);
    const results = await connection.query([...ofServer, ...usersInSql(open, pairing)].join(';\n'));
    const server = serverPlace(session, both, databases, results.slice(0, ofServer.length));
    return [server, ...(await readDatabases(connection, open, pairing, results.slice(ofServer.length)))];
  };
  return {
    kind: 'login',
    master: { name: String(session.name), database: String(session.database) },
    places: isLogin(current) ? await readPlaces() : [],
    closed: closed.map(({ name }) => String(name)),
    currentName: isLogin(current) ? String(current?.name) : undefined,
    nextName: isLogin(next) ? String(next?.name) : undefined,
    nextIsOther: next !== undefined && !isLogin(next),
    ...marks('login', pair, isLogin(base) ? base : undefined, pair.current === pair.base ? next : current),
  };
}

async function containedState(
  connection: SqlServerConnection,
  pair: TwinPair,
  session: Row,
  users: readonly Row[],
): Promise<TwinState> {
  const [current, next, base] = [pair.current, pair.next, pair.base].map((name) => ofName(users, name));
  const isContained = (row: Row | undefined) => row?.authentication === authenticatedByDatabase;
  const database = String(session.database);
  const pairing: Pairing = {
    ofCurrent: ({ sid }) => sid === current?.sid,
    ofNext: ({ sid }) => isContained(next) && sid === next?.sid,
    nextName: String(next?.name ?? pair.next),
    who: `u.name IN (${text(pair.current)}, ${text(pair.next)})`,
    contained: true,
  };
  const home = { name: database, readOnly: session.updateability === 'READ_ONLY', state: 'ONLINE', access: 1 };
  return {
    kind: 'contained user',
    master: { name: String(session.name), database },
    places: await readDatabases(
      connection,
      [home],
      pairing,
      await connection.query(usersInSql([home], pairing).join(';\n')),
    ),
    closed: [],
    currentName: String(current?.name),
    nextName: isContained(next) ? String(next?.name) : undefined,
    nextIsOther: next !== undefined && !isContained(next),
    ...marks('contained user', pair, isContained(base) ? base : undefined, pair.current === pair.base ? next : current),
  };
}

function marks(
  kind: TwinState['kind'],
  pair: TwinPair,
  base: Row | undefined,
  twin: Row | undefined,
): Pick<TwinState, 'isMarked' | 'markedSid'> {
  if (base === undefined) return { isMarked: false, markedSid: undefined };
  const sid = markedSid(kind, String(base.sid));
  return { isMarked: twin?.sid === sid, markedSid: pair.next === pair.twin ? sid : undefined };
}

/** The server compares names without case, as a rule; of several rows the exact one is meant. */
function ofName(rows: readonly Row[], name: string): Row | undefined {
  return (
    rows.find((row) => row.name === name) ?? rows.find((row) => String(row.name).toLowerCase() === name.toLowerCase())
  );
}

function refuseBlindness({ where }: SqlServerConnection, session: Row): void {
  const missing = [
    ...(session.altersLogins === 1 ? [] : ['ALTER ANY LOGIN']),
    ...(session.seesAll === 1 ? [] : ['VIEW ANY DEFINITION']),
  ];
  if (missing.length === 0) return;
  throw new RotationError('missing-privilege', {
    message: `the master lacks ${missing.join(' and ')}`,
    endpoint: where.endpoint,
    user: where.user,
    remedy: `Run as an administrator, for the login of the master: GRANT ${missing.join(', ')} TO …`,
  });
}
