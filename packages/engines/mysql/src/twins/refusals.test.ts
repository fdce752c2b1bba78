import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningDouble, startDouble } from '../../service/index.ts';
import { failureOf, limits, loginTo } from '../../service/test-logins.ts';
import { pairOf, rotationPassword, testTwins } from '../../service/test-twins.ts';
import { mysql } from '../index.ts';

const password = rotationPassword('a password of the rotation');
let server: RunningDouble;
const twins = testTwins(() => server);
const master = '`keyturn master`@`%`';

beforeAll(async () => {
  server = await startDouble('8.4.5');
});
afterAll(() => server?.stop());
beforeEach(async () => {
  for (const name of ['app', 'app_clone']) {
    for (const host of ['%', '10.%', 'db.example.com']) await server.execute(`DROP USER IF EXISTS ${name}@'${host}'`);
  }
  await server.createUser('app', 'first');
});

/** Everything that the server keeps. */
const everything = () => JSON.stringify(server.model.accounts.map((account) => ({ ...account, ...maps(account) })));
const maps = (account: (typeof server.model.accounts)[number]) =>
  Object.fromEntries(
    Object.entries(account).map(([name, value]) => [
      name,
      value instanceof Map || value instanceof Set ? [...value] : value,
    ]),
  );

/** The clone is refused, and has changed nothing. */
async function refused(change: Parameters<typeof twins.clone>[0] = {}) {
  const before = everything();
  const failure = await failureOf(twins.clone({ password, ...change }));
  expect(everything()).toBe(before);
  return failure;
}

/** The right on whose lack the clone fails, what the remedy says, and what settles it. */
const uncloneable: readonly (readonly [grant: string, named: string, remedy: string])[] = [
  ['GRANT RELOAD ON *.* TO {app}', 'RELOAD ON *.*', `GRANT RELOAD ON *.* TO ${master} WITH GRANT OPTION`],
  [
    'GRANT SELECT ON other.* TO {app}',
    'SELECT ON other.*',
    `GRANT SELECT ON \`other\`.* TO ${master} WITH GRANT OPTION`,
  ],
  [
    'GRANT BACKUP_ADMIN ON *.* TO {app}',
    'BACKUP_ADMIN ON *.*',
    `GRANT BACKUP_ADMIN ON *.* TO ${master} WITH GRANT OPTION`,
  ],
  ['GRANT strange TO {app}', "the role strange@'%'", `GRANT \`strange\`@\`%\` TO ${master} WITH ADMIN OPTION`],
  ["GRANT PROXY ON 'strange'@'%' TO {app}", "PROXY ON strange@'%'", `GRANT PROXY ON \`strange\`@\`%\` TO ${master}`],
];

describe.each(uncloneable)('%s', (grant, named, remedy) => {
  test('cannot be cloned: it is named before anything is changed, and the remedy settles it', async () => {
    await server.execute("DROP USER IF EXISTS strange@'%'");
    await server.execute('CREATE ROLE strange');
    await server.execute(grant.replace('{app}', "app@'%'"));
    const failure = await refused();
    expect(failure.code).toBe('rights-not-cloneable');
    expect(failure.message).toContain(named);
    expect(failure.remedy).toContain(remedy);
    // The control: what the remedy says is enough.
    const statements = failure.remedy.match(/GRANT [^;]*/g) ?? [];
    for (const statement of statements) await server.execute(statement);
    await twins.clone({ password });
    expect(await twins.compare({ password })).toEqual([]);
  });
});

test('a master without CREATE USER, or without SELECT ON mysql.*, gets the GRANT to run', async () => {
  for (const [right, place] of [
    ['CREATE USER', '*.*'],
    ['SELECT', 'mysql.*'],
  ]) {
    await server.execute(`REVOKE ${right} ON ${place} FROM ${master}`);
    const failure = await refused();
    await server.execute(`GRANT ${right} ON ${place} TO ${master}`);
    expect(failure.code).toBe('missing-privilege');
    expect(failure.remedy).toContain(`GRANT ${right} ON ${place} TO ${master};`);
  }
  await twins.clone({ password });
});

test('a user with SYSTEM_USER needs a master with it', async () => {
  await server.execute("GRANT SYSTEM_USER ON *.* TO app@'%'");
  const failure = await refused();
  expect(failure).toMatchObject({ code: 'missing-privilege' });
  expect(failure.message).toContain('SYSTEM_USER ON *.*');
});

test('a user of the name that is somebody else is left alone, unless another version of the secret names it', async () => {
  await server.createUser('app_clone', 'of somebody else');
  await server.execute("GRANT SELECT ON app.orders TO app_clone@'%'");
  expect(await refused({ isKnown: () => Promise.resolve(false) })).toMatchObject({
    code: 'twin-name-taken',
    user: 'app_clone',
  });
  await twins.clone({ password, isKnown: () => Promise.resolve(true) });
  expect(await twins.compare({ password })).toEqual([]);
});

test('a twin that was made by a run that died is known by what it was made with, and nobody is asked', async () => {
  await server.furnish?.('app');
  await twins.clone({ password });
  // As if the run had died in the middle.
  await server.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM app_clone@'%'");
  await server.execute("DROP USER app_clone@'10.%'");
  expect(await server.logsIn('app_clone', password.reveal())).toBe(false);
  await twins.clone({ password });
  expect(await twins.compare({ password })).toEqual([]);
  expect(await server.rightsOf?.('app_clone')).toEqual(await server.rightsOf?.('app'));
});

test('a user without any account that keeps a password is refused', async () => {
  await server.execute("CREATE USER app@'10.%' IDENTIFIED WITH mysql_no_login");
  await server.execute("DROP USER app@'%'");
  expect(await refused()).toMatchObject({ code: 'auth-method-unsupported', user: 'app' });
});

test('a user that the server does not know is named', async () => {
  expect(await refused({ current: 'nobody', base: 'nobody' })).toMatchObject({
    code: 'invalid-secret',
    user: 'nobody',
  });
});

test('a read-only server is told before a twin is made', async () => {
  await server.execute('SET GLOBAL super_read_only = ON');
  const failure = await refused();
  await server.execute('SET GLOBAL super_read_only = OFF');
  expect(failure).toMatchObject({ code: 'read-only-server', driverCode: 'ER_OPTION_PREVENTS_STATEMENT' });
});

test('names that a hostile user has given break no line of a message', async () => {
  const role = 'r\n[INFO] all is well `';
  server.model.make({ user: role, host: '%' }, 'caching_sha2_password');
  await server.execute(`GRANT \`${role.replaceAll('`', '``')}\` TO app@'%'`);
  const failure = await refused();
  expect(failure.code).toBe('rights-not-cloneable');
  expect(failure.details.message).not.toContain('\n');
  await server.execute(`DROP USER \`${role.replaceAll('`', '``')}\``);
});

test('a default role that everybody has counts, though nobody was granted it', async () => {
  await server.execute('CREATE ROLE everybodys');
  const found = server.model.find({ user: 'app', host: '%' });
  found?.defaultRoles.add(JSON.stringify(['everybodys', '%']));
  expect(await twins.compare(pairOf())).toEqual(["app_clone@'%' does not exist, app@'%' does"]);
  await server.execute("SET GLOBAL mandatory_roles = '`everybodys`@`%`,other'");
  await twins.clone({ password }).catch(() => undefined);
  const differences = await twins.compare({ password });
  await server.execute("SET GLOBAL mandatory_roles = ''");
  await server.execute("DROP USER everybodys@'%'");
  expect(differences.join()).toContain('DEFAULT ROLE');
});

test('a connection of the master that is not encrypted clones too: it sends hashes only', async () => {
  await server.execute(`ALTER USER ${master} IDENTIFIED BY '${server.administrator.password}'`);
  const engine = mysql();
  const { username, password: secret } = server.administrator;
  // The server remembers the password, so that it does not ask for it.
  await engine.close(await engine.connect(loginTo(server, username, secret), limits()));
  const connection = await engine.connect(loginTo(server, username, secret, { tls: false }), limits());
  await engine.admin?.twins?.cloneUser(connection, pairOf({ password }));
  await engine.admin?.resetPassword(connection, 'app_clone', password);
  await engine.close(connection);
  expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
});
