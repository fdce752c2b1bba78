import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type RunningDouble, startDouble } from '../double-server.ts';
import { Database } from './database.ts';
import { execute } from './execute.ts';
import { ServerFailure } from './failure.ts';
import { parse } from './parse.ts';
import { DoubleVersion } from './server-version.ts';
import { Session } from './session.ts';

/** A server without a network, with a user `app` that has no right and a role `r`. */
function server(version: string) {
  const database = new Database(new DoubleVersion(version));
  const mode = { ansiQuotes: false, noBackslashEscapes: false };
  const as = (session: Session) => (sql: string) => execute(session, parse(sql, mode, database.version).statement);
  const root = as(new Session(database, 0, undefined));
  root("CREATE USER app@'%' IDENTIFIED BY 'first'");
  root("CREATE USER other@'%' IDENTIFIED BY 'first'");
  if (database.version.hasRoles) root('CREATE ROLE r');
  database.objects.tables.set(JSON.stringify(['app', 't']), new Set(['a']));
  const user = as(new Session(database, 1, database.find({ user: 'app', host: '%' })));
  return { database, root, user };
}

function refusal(run: () => unknown): number | 'it ran' {
  try {
    run();
    return 'it ran';
  } catch (error) {
    if (error instanceof ServerFailure) return error.errno;
    throw error;
  }
}

const all = ['5.7.44', '8.0.42', '8.4.5', '9.3.0'] as const;
const modern = all.slice(1);
const native = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19';

/** Statements of another version, or of no MySQL at all; each is right for the server itself somewhere else. */
const wrongDialect: readonly (readonly [sql: string, versions: readonly string[], errno: number])[] = [
  ["ALTER USER app@'%' IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD", ['5.7.44', '8.0.13'], 1064],
  ["ALTER USER app@'%' DISCARD OLD PASSWORD", ['5.7.44', '8.0.13'], 1064],
  ["ALTER USER USER() IDENTIFIED BY 'x' REPLACE 'first'", ['5.7.44', '8.0.12'], 1064],
  ['CREATE ROLE r2', ['5.7.44'], 1064],
  ["GRANT r TO app@'%'", ['5.7.44'], 1064],
  ["ALTER USER app@'%' DEFAULT ROLE r", ['5.7.44'], 1064],
  ['SELECT CURRENT_ROLE()', ['5.7.44'], 1064],
  ["GRANT BACKUP_ADMIN ON *.* TO app@'%'", ['5.7.44'], 1064],
  ["ALTER USER app@'%' ATTRIBUTE '{}'", ['5.7.44', '8.0.20'], 1064],
  ["ALTER USER app@'%' FAILED_LOGIN_ATTEMPTS 3", ['5.7.44', '8.0.18'], 1064],
  ["ALTER USER app@'%' PASSWORD HISTORY 3", ['5.7.44'], 1064],
  [`CREATE USER x@'%' IDENTIFIED BY PASSWORD '${native}'`, modern, 1064],
  [`GRANT SELECT ON app.* TO app@'%' IDENTIFIED BY 'x'`, modern, 1064],
  ["GRANT USAGE ON *.* TO app@'%' REQUIRE SSL", modern, 1064],
  ["SET PASSWORD FOR app@'%' = PASSWORD('x')", modern, 1064],
  ["GRANT SELECT ON app.* TO nobody@'%'", modern, 1410],
  ["SET SESSION sql_mode = 'NO_AUTO_CREATE_USER'", modern, 1231],
  [`ALTER USER app@'%' IDENTIFIED WITH mysql_native_password AS '${native}'`, ['8.4.5', '9.3.0'], 1524],
  ["CREATE USER x@'%' IDENTIFIED WITH caching_sha2_password BY 'x'", ['5.7.44'], 1524],
  ['SELECT * FROM mysql.role_edges WHERE CAST(TO_USER AS BINARY) IN (0x61)', ['5.7.44'], 1146],
  ['SELECT * FROM mysql.global_priv WHERE CAST(User AS BINARY) IN (0x61)', all, 1146],
  // MariaDB's.
  ["SET DEFAULT ROLE r FOR app@'%'", all, 1064],
  ["CREATE USER x@'%' IDENTIFIED VIA unix_socket", all, 1064],
  ['BEGIN NOT ATOMIC SELECT 1; END', all, 1064],
  [`SET /*M!100400 PASSWORD = */ '${native}'`, all, 1064],
];

const wrongAnywhere: readonly (readonly [sql: string, errno: number])[] = [
  ['', 1064],
  ['SELEKT 1', 1064],
  ['SELECT 1; SELECT 2', 1064],
  ["ALTER USER app@'%' IDENTIFIED BY 'x", 1064],
  ["ALTER USER app@'%' IDENTIFIED BY x", 1064],
  ["ALTER USER 'app''@'%' IDENTIFIED BY 'x'", 1064],
  ["ALTER USER app@'%' -- IDENTIFIED BY 'x'", 1064],
  ["ALTER USER USER(), app@'%' IDENTIFIED BY 'x'", 1064],
  ["ALTER USER USER() IDENTIFIED WITH sha256_password BY 'x'", 1064],
  ["ALTER USER app@'%' IDENTIFIED BY 'x' ACCOUNT", 1064],
  ["ALTER USER app@'%' REQUIRE SSL AND X509", 1064],
  ["ALTER USER app@'%' PASSWORD EXPIRE INTERVAL 0 DAY", 1525],
  ["GRANT ON app.* TO app@'%'", 1064],
  ["GRANT SELECT app.* TO app@'%'", 1064],
  ["GRANT SELECT ON app.* FROM app@'%'", 1064],
  ["GRANT SELECT ON app.* TO app@'%' WITH ADMIN OPTION", 1064],
  ["GRANT NO_SUCH_RIGHT ON *.* TO app@'%'", 1064],
  ["GRANT SUPER ON app.* TO app@'%'", 1221],
  ["GRANT EXECUTE (a) ON app.t TO app@'%'", 1144],
  ["GRANT SELECT (b) ON app.t TO app@'%'", 1054],
  ["GRANT SELECT ON app.nothing TO app@'%'", 1146],
  ["GRANT EXECUTE ON FUNCTION app.nothing TO app@'%'", 1305],
  ["REVOKE SELECT ON app.* FROM app@'%'", 1141],
  ["REVOKE SELECT ON app.t FROM app@'%'", 1147],
  ["REVOKE EXECUTE ON PROCEDURE app.p FROM app@'%'", 1403],
  ["REVOKE PROXY ON other@'%' FROM app@'%'", 1141],
  ["CREATE USER app@'%' IDENTIFIED BY 'x'", 1396],
  ["DROP USER nobody@'%'", 1396],
  ["ALTER USER nobody@'%' ACCOUNT LOCK", 1396],
  [`CREATE USER ${'x'.repeat(33)}@'%' IDENTIFIED BY 'x'`, 1470],
  ["ALTER USER app@'%' IDENTIFIED WITH sha256_password AS 'no verifier'", 1827],
  ["ALTER USER app@'%' IDENTIFIED WITH no_such_plugin BY 'x'", 1524],
  ['SELECT nothing FROM mysql.user', 1054],
  ['SELECT * FROM mysql.nothing', 1146],
  ['SELECT @@nothing', 1193],
  ['SELECT NOW()', 1064],
  ["UPDATE mysql.user SET authentication_string = ''", 1064],
  ["SET SESSION sql_mode = 'NO_SUCH_MODE'", 1231],
  ['SET NAMES latin1', 1064],
  ['CREATE DATABASE', 1064],
  ['CREATE DATABASE mysql', 1007],
  ['DROP DATABASE nothing', 1008],
];

const wrongWithRoles: readonly (readonly [sql: string, errno: number])[] = [
  ["GRANT BACKUP_ADMIN ON app.* TO app@'%'", 3619],
  ["GRANT nothing TO app@'%'", 3523],
  ["GRANT r TO nobody@'%'", 3523],
  ["GRANT r, SELECT ON app.* TO app@'%'", 1064],
  ["ALTER USER app@'%' DEFAULT ROLE r", 3530],
  ["ALTER USER app@'%' ATTRIBUTE 'no JSON'", 3982],
  ["ALTER USER app@'%' ATTRIBUTE '[]'", 3982],
  ["ALTER USER other@'%' IDENTIFIED BY 'x' REPLACE 'first'", 3893],
  ["ALTER USER app@'%' IDENTIFIED WITH sha256_password BY 'x' RETAIN CURRENT PASSWORD", 3894],
];

/** What a user without any right may not do. */
const missingRights: readonly (readonly [sql: string, errno: number])[] = [
  ['SELECT * FROM mysql.user', 1142],
  ["SHOW GRANTS FOR other@'%'", 1044],
  ["SHOW CREATE USER other@'%'", 1044],
  ["CREATE USER x@'%' IDENTIFIED BY 'x'", 1227],
  ["DROP USER other@'%'", 1227],
  ["ALTER USER other@'%' IDENTIFIED BY 'x'", 1227],
  // Its own password it may change, but in no other way than by saying it, and nothing else of its account.
  ["ALTER USER app@'%' IDENTIFIED WITH sha256_password BY 'x'", 1227],
  ["ALTER USER app@'%' IDENTIFIED BY 'x' ACCOUNT UNLOCK", 1227],
  ["ALTER USER app@'%' REQUIRE NONE", 1227],
  ["GRANT SELECT ON *.* TO app@'%'", 1045],
  ["GRANT SELECT ON app.* TO app@'%'", 1044],
  ["GRANT SELECT ON app.t TO app@'%'", 1142],
  ["REVOKE SELECT ON app.* FROM other@'%'", 1044],
  ["GRANT PROXY ON other@'%' TO app@'%'", 1698],
  ["REVOKE ALL PRIVILEGES, GRANT OPTION FROM other@'%'", 1227],
  ['SET GLOBAL read_only = 0', 1227],
  ['CREATE DATABASE x', 1044],
];

const missingWithRoles: readonly (readonly [sql: string, errno: number])[] = [
  ["GRANT r TO app@'%'", 1227],
  ["REVOKE r FROM other@'%'", 1227],
  ["GRANT BACKUP_ADMIN ON *.* TO app@'%'", 1227],
  ["ALTER USER other@'%' DEFAULT ROLE NONE", 1227],
  ["ALTER USER USER() IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD", 1227],
  ['ALTER USER USER() DISCARD OLD PASSWORD', 1227],
  ["SET PASSWORD = 'x' RETAIN CURRENT PASSWORD", 1227],
];

test.each(wrongDialect)('%s is refused', (sql, versions, errno) => {
  for (const version of versions) expect([version, refusal(() => server(version).root(sql))]).toEqual([version, errno]);
});

describe.each(all)('%s refuses', (version) => {
  const withRoles = version !== '5.7.44';
  test.each([...wrongAnywhere, ...(withRoles ? wrongWithRoles : [])])('%s', (sql, errno) => {
    const { root, database } = server(version);
    const before = JSON.stringify(database.accounts);
    expect(refusal(() => root(sql))).toBe(errno);
    expect(JSON.stringify(database.accounts)).toBe(before);
  });

  test.each([...missingRights, ...(withRoles ? missingWithRoles : [])])(
    'to a user without rights: %s',
    (sql, errno) => {
      const { user, root, database } = server(version);
      const before = JSON.stringify(database.accounts);
      expect(refusal(() => user(sql))).toBe(errno);
      expect(JSON.stringify(database.accounts)).toBe(before);
      // The control: the server itself may, as far as what it is about exists.
      if (!/USER\(\)|SET PASSWORD|REVOKE (SELECT|r)|PROXY/.test(sql) && !/sha256_password BY/.test(sql)) {
        expect(refusal(() => root(sql))).toBe('it ran');
      }
    },
  );
});

test('an account with SYSTEM_USER is changed by its like only', () => {
  const { root, user } = server('8.4.5');
  root("GRANT CREATE USER ON *.* TO app@'%'");
  expect(refusal(() => user("ALTER USER other@'%' ACCOUNT LOCK"))).toBe('it ran');
  root("GRANT SYSTEM_USER ON *.* TO other@'%'");
  expect(refusal(() => user("ALTER USER other@'%' ACCOUNT UNLOCK"))).toBe(1227);
  expect(refusal(() => user("DROP USER other@'%'"))).toBe(1227);
  root("GRANT SYSTEM_USER ON *.* TO app@'%'");
  expect(refusal(() => user("ALTER USER other@'%' ACCOUNT UNLOCK"))).toBe('it ran');
});

test('a password in the history, too short, or without the current one is refused', () => {
  const { root, user, database } = server('8.4.5');
  root("ALTER USER app@'%' PASSWORD HISTORY 2");
  expect(refusal(() => user("ALTER USER USER() IDENTIFIED BY 'first'"))).toBe(3638);
  database.settings.validatePasswordLength = 8;
  expect(refusal(() => user("ALTER USER USER() IDENTIFIED BY 'short'"))).toBe(1819);
  root('SET GLOBAL password_require_current = ON');
  expect(refusal(() => user("ALTER USER USER() IDENTIFIED BY 'long enough'"))).toBe(3892);
  expect(refusal(() => user("ALTER USER USER() IDENTIFIED BY 'long enough' REPLACE 'wrong'"))).toBe(3891);
  expect(refusal(() => user("ALTER USER USER() IDENTIFIED BY 'long enough' REPLACE 'first'"))).toBe('it ran');
});

/** Bytes that no client sends. */
const wrongBytes: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['nothing but zeros', Buffer.alloc(64)],
  ['a packet out of order', Buffer.concat([Buffer.from([32, 0, 0, 7]), Buffer.alloc(32)])],
  ['a packet of sixteen megabytes', Buffer.from([0xff, 0xff, 0xff, 1, 0])],
  ['an introduction that is too short', Buffer.concat([Buffer.from([10, 0, 0, 1]), Buffer.alloc(10)])],
  ['a client of old', Buffer.concat([Buffer.from([40, 0, 0, 1]), Buffer.alloc(40)])],
  [
    'a name without an end',
    Buffer.concat([Buffer.from([40, 0, 0, 1, 0, 0x82, 8, 0]), Buffer.alloc(28), Buffer.alloc(8, 0x61)]),
  ],
];

test.each(wrongBytes)('%s ends the connection, and logs nobody in', async (_name, bytes) => {
  const running: RunningDouble = await startDouble('8.4.5');
  try {
    const socket = connect(running.port, '127.0.0.1');
    await once(socket, 'data');
    const answers: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => answers.push(chunk));
    socket.end(bytes);
    await once(socket, 'close');
    const answer = Buffer.concat(answers);
    // Either an error, or nothing at all; never an OK.
    expect([undefined, 0xff]).toContain(answer[4]);
  } finally {
    await running.stop();
  }
});

test('a wrong password, no password, and another user are refused, by every method', async () => {
  const running = await startDouble('8.0.42');
  try {
    for (const plugin of ['mysql_native_password', 'caching_sha2_password', 'sha256_password']) {
      await running.execute("DROP USER IF EXISTS app@'%'");
      await running.execute(`CREATE USER app@'%' IDENTIFIED WITH ${plugin} BY 'first'`);
      expect(await running.logsIn('app', 'first')).toBe(true);
      for (const password of ['', 'first ', 'First', 'wrong', '\0']) {
        expect([plugin, password, await running.logsIn('app', password)]).toEqual([plugin, password, false]);
      }
      // Once more, now that the server remembers the right one.
      expect(await running.logsIn('app', 'first')).toBe(true);
      expect(await running.logsIn('app', 'wrong')).toBe(false);
      expect(await running.logsIn('APP', 'first')).toBe(false);
    }
  } finally {
    await running.stop();
  }
});
