import { failureOf, limits } from '@keyturn/engine-conformance';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Double, dialects, Int32, Long, type RunningMongodb, startMongodb } from '../../service/index.ts';
import { loginTo } from '../../service/test-logins.ts';
import { pairOf, testTwins } from '../../service/test-twins.ts';
import { mongodb } from '../index.ts';

let server: RunningMongodb;
let master: { username: string; password: string; database?: string };
const twins = testTwins(
  () => server,
  () => master,
);
const run = (db: string, command: Readonly<Record<string, unknown>>) => server.double.run(db, command);
const user = (name: string, db = 'admin') => server.double.user(db, name);
const yes = () => Promise.resolve(true);
const no = () => Promise.resolve(false);

beforeAll(async () => {
  server = await startMongodb(dialects.mongodb8);
});
afterAll(() => server?.stop());

beforeEach(async () => {
  master = server.administrator;
  await run('admin', {
    createUser: 'app',
    pwd: 'first',
    roles: [
      { role: 'readWrite', db: 'app' },
      { role: 'read', db: 'archive' },
    ],
    customData: { team: 'orders' },
    authenticationRestrictions: [{ clientSource: ['127.0.0.1'] }],
    mechanisms: ['SCRAM-SHA-256'],
  });
});
afterEach(async () => {
  for (const [key, { user: dropUser, db }] of server.double.set.storeOf(0).users) {
    if (key !== 'admin.keyturn_master') await run(db, { dropUser });
  }
});

/** All that the server keeps of users: the same before and after says that nothing changed. */
const everything = () => JSON.stringify([...server.double.set.storeOf(0).users]);

test('a twin is made with one command, and cannot log in before it has its password', async () => {
  server.double.meddle((name, moment) => {
    if (moment === 'before' && /^(createUser|updateUser|grant|revoke)/.test(name)) writes.push(name);
    return undefined;
  });
  const writes: string[] = [];
  const report = await twins.clone();
  expect(writes).toEqual(['createUser']);
  expect(report).toEqual({
    created: true,
    given: [
      'the role "readWrite" of the database "app"',
      'the role "read" of the database "archive"',
      'the customData of the other user',
      'the authenticationRestrictions of the other user',
    ],
    taken: [],
  });
  expect(Object.keys(user('app_clone')?.credentials ?? {})).toEqual(['SCRAM-SHA-256']);
  expect(await server.logsIn('app_clone', 'a password of the rotation')).toBe(false);
  server.double.meddle(() => undefined);
});

test('every difference is named, in both directions', async () => {
  await run('admin', {
    createUser: 'app_clone',
    pwd: 'first',
    roles: [
      { role: 'read', db: 'archive' },
      { role: 'dbAdmin', db: 'app' },
    ],
    mechanisms: ['SCRAM-SHA-1'],
  });
  expect(await twins.compare()).toEqual([
    '"app_clone" lacks the role "readWrite" of the database "app"',
    '"app_clone" lacks the mechanism "SCRAM-SHA-256"',
    '"app_clone" lacks the customData of the other user',
    '"app_clone" lacks the authenticationRestrictions of the other user',
    '"app_clone" has the role "dbAdmin" of the database "app" beyond',
    '"app_clone" has the mechanism "SCRAM-SHA-1" beyond',
  ]);
  await twins.clone({ isKnown: yes });
  expect(await twins.compare()).toEqual([]);
});

test('numbers in customData are compared, and copied, to their type', async () => {
  await run('admin', { updateUser: 'app', customData: { a: new Double(1), b: Long.fromNumber(2), c: new Int32(3) } });
  await twins.clone();
  expect(user('app_clone')?.customData).toEqual(user('app')?.customData);
  await run('admin', {
    updateUser: 'app_clone',
    customData: { a: new Int32(1), b: Long.fromNumber(2), c: new Int32(3) },
  });
  expect(await twins.compare()).toEqual(['"app_clone" lacks the customData of the other user']);
});

test('a mechanism that the next user lacks comes last, with the password of the rotation', async () => {
  await twins.clone();
  await run('admin', { updateUser: 'app', pwd: 'first', mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-256'] });
  await run('admin', { grantRolesToUser: 'app', roles: [{ role: 'dbAdmin', db: 'app' }] });
  server.double.once('updateUser', 'before', 'drop');
  expect((await failureOf(twins.clone({ isKnown: yes }))).code).toBe('connection-lost');
  // The server died before that: all rights are there, and the password is not.
  expect(user('app_clone')?.roles).toEqual(user('app')?.roles);
  expect(server.double.hasPassword('admin', 'app_clone', 'a password of the rotation')).toBe(false);
  await twins.clone({ isKnown: yes });
  expect(server.double.hasPassword('admin', 'app_clone', 'a password of the rotation')).toBe(true);
  expect(await twins.compare()).toEqual([]);
});

describe('who has the twin’s name', () => {
  beforeEach(() => run('admin', { createUser: 'app_clone', pwd: 'other', roles: [{ role: 'read', db: 'x' }] }));

  test('and is no twin is left alone', async () => {
    const before = everything();
    expect(await failureOf(twins.clone({ isKnown: no }))).toMatchObject({ code: 'twin-name-taken', user: 'app_clone' });
    expect(everything()).toBe(before);
  });

  test('and is named by another version is the twin', async () => {
    expect(await twins.clone({ isKnown: yes })).toMatchObject({ created: false });
  });

  test('and may do just the same is what a rotation has left that died', async () => {
    await twins.clone({ isKnown: yes });
    // Nobody asks: pairOf rejects then.
    expect(await twins.clone()).toEqual({ created: false, given: [], taken: [] });
  });

  test('and may do nothing, like the user in use, is not taken for it by that', async () => {
    await run('admin', { updateUser: 'app', roles: [], customData: {}, authenticationRestrictions: [] });
    await run('admin', { updateUser: 'app_clone', roles: [], pwd: 'other', mechanisms: ['SCRAM-SHA-256'] });
    expect((await failureOf(twins.clone({ isKnown: no }))).code).toBe('twin-name-taken');
  });
});

describe('a master', () => {
  const masterWith = async (roles: readonly object[], db = 'admin') => {
    await run(db, { createUser: 'weak', pwd: 'weak', roles });
    master = { username: 'weak', password: 'weak', database: db };
  };
  const here = { userDatabase: 'admin' };

  test.each([
    ['that may not make users', [], 'missing-privilege', /may not do this/],
    [
      'that may not grant a role of another database',
      [
        { role: 'userAdmin', db: 'admin' },
        { role: 'userAdmin', db: 'app' },
      ],
      'rights-not-cloneable',
      /"weak" may not grant the role "read" of the database "archive"\. Run db\.getSiblingDB\("admin"\)\.grantRolesToUser\("weak", \[\{ role: "userAdmin", db: "archive" \}\]\)/,
    ],
  ] as const)('%s is told so, and nothing is changed', async (_title, roles, code, words) => {
    await masterWith(roles);
    const before = everything();
    const failure = await failureOf(twins.clone({}, here));
    expect(failure.code).toBe(code);
    expect(`${failure.details.message}. ${failure.remedy}`).toMatch(words);
    expect(everything()).toBe(before);
  });

  test('that lacks rights on the users of the database is told which', async () => {
    await run('admin', {
      createRole: 'viewer',
      privileges: [{ resource: { db: 'admin', collection: '' }, actions: ['viewUser', 'changePassword'] }],
      roles: [],
    });
    await masterWith([{ role: 'viewer', db: 'admin' }]);
    const failure = await failureOf(twins.clone({}, here));
    expect(failure).toMatchObject({ code: 'missing-privilege', user: 'weak' });
    expect(failure.details.message).toBe(
      '"weak" lacks createUser, setAuthenticationRestriction on the database "admin"',
    );
    await run('admin', { dropRole: 'viewer' });
  });

  test('that may not revoke what the twin has beyond is told so', async () => {
    await twins.clone();
    await run('admin', { grantRolesToUser: 'app_clone', roles: [{ role: 'read', db: 'elsewhere' }] });
    await masterWith(['admin', 'app', 'archive'].map((db) => ({ role: 'userAdmin', db })));
    const failure = await failureOf(twins.clone({ isKnown: yes }, here));
    expect(failure.code).toBe('rights-not-cloneable');
    expect(failure.details.message).toContain('"weak" may not revoke the role "read" of the database "elsewhere"');
  });

  test('with userAdmin in the databases concerned alone is enough, where the option names the database', async () => {
    await masterWith(['admin', 'app', 'archive'].map((db) => ({ role: 'userAdmin', db })));
    expect(await twins.clone({}, here)).toMatchObject({ created: true });
    expect(await twins.compare({}, here)).toEqual([]);
  });

  test('that may not look into all databases is told what to do', async () => {
    await masterWith([{ role: 'userAdmin', db: 'admin' }]);
    const failure = await failureOf(twins.clone());
    expect(failure.code).toBe('missing-privilege');
    expect(failure.remedy).toMatch(/option userDatabase.*userAdminAnyDatabase/);
  });
});

test('users of one name in two databases are refused, and the option says which', async () => {
  await run('app', { createUser: 'app', pwd: 'first', roles: [{ role: 'read', db: 'app' }] });
  const before = everything();
  const failure = await failureOf(twins.clone());
  expect(failure).toMatchObject({ code: 'invalid-secret', user: 'app' });
  expect(failure.details.message).toBe('users of this name are in several databases: "admin", "app"');
  expect(everything()).toBe(before);
  await twins.clone({}, { userDatabase: 'app' });
  expect(user('app_clone', 'app')?.roles).toEqual([{ role: 'read', db: 'app' }]);
  expect(user('app_clone')).toBeUndefined();
});

test('a user that there is not is invalid-secret', async () => {
  expect((await failureOf(twins.clone({ current: 'gone', base: 'gone' }))).code).toBe('invalid-secret');
});

test('a name that nobody can have is refused before anything is asked', async () => {
  for (const next of ['', 'a\0b', 'n'.repeat(1025)]) {
    expect((await failureOf(twins.clone({ next }))).code).toBe('invalid-secret');
  }
});

test('on DocumentDB a twin has the roles, and nothing else is asked for', async () => {
  const documentdb = await startMongodb(dialects.documentdb5);
  try {
    await documentdb.createUser('app', 'first');
    const engine = mongodb({ server: 'documentdb' });
    const { username, password } = documentdb.administrator;
    const connection = await engine.connect(loginTo(documentdb, username, password), limits());
    for (const isKnown of [no, yes, yes]) {
      await engine.admin.twins.cloneUser(connection, pairOf({ isKnown }));
      expect(await engine.admin.twins.comparePrivileges(connection, pairOf())).toEqual([]);
      expect(await documentdb.rightsOf?.('app_clone')).toEqual(await documentdb.rightsOf?.('app'));
      await documentdb.furnish?.('app');
    }
    // The control: the two do differ in between.
    expect(await engine.admin.twins.comparePrivileges(connection, pairOf())).not.toEqual([]);
    await engine.close(connection);
    const refused = await engine.connect(loginTo(documentdb, 'app', 'first'), limits());
    const failure = await failureOf(engine.admin.twins.cloneUser(refused, pairOf({ isKnown: yes })));
    expect(failure.code).toBe('missing-privilege');
    await engine.close(refused);
  } finally {
    await documentdb.stop();
  }
});
