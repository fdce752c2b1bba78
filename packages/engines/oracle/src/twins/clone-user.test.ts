import { Password, type TwinPair } from '@keyturn/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningOracle, startOracle } from '../../service/index.ts';
import { failureOf, limits, loginTo } from '../../service/test-logins.ts';
import { pairOf, rotationPassword, testTwins, twinAdmin } from '../../service/test-twins.ts';
import { oracle } from '../index.ts';

const password = rotationPassword('taint-Password-of-a-twin');
const unknown = { password, isKnown: () => Promise.resolve(false) };
let server: RunningOracle;
const twins = testTwins(() => server);

beforeAll(async () => {
  server = await startOracle('19c');
});
afterAll(() => server?.stop());
beforeEach(async () => {
  for (const name of ['APP', 'APP_CLONE']) if (server.model.users.has(name)) server.sql(`DROP USER ${name} CASCADE`);
  await server.createUser('app', 'first password');
  await server.furnish('app');
});

/** The failure of cloneUser, which has changed nothing. */
async function refusal(change: Partial<TwinPair> = {}) {
  const before = everything();
  const failure = await failureOf(twins.clone({ ...unknown, ...change }));
  expect(everything()).toBe(before);
  return failure;
}

/** What the database keeps of rights and users, but for the counts of logins. */
function everything(): string {
  const { users, systemGrants, roleGrants, objectGrants, proxies, objects } = server.model;
  const accounts = [...users.values()].map(({ refusedLogins: _, failedLogins: __, hasLoggedIn: ___, ...user }) => [
    user,
    [...user.quotas],
  ]);
  const grants = [systemGrants, roleGrants].map((each) => [...each].map(([name, these]) => [name, [...these]]));
  return JSON.stringify([accounts, grants, objectGrants, proxies, objects]);
}

describe('a user that was just made', () => {
  test('cannot log in before it has got its password', async () => {
    const report = await twins.clone(unknown);
    expect(report.created).toBe(true);
    expect(report.taken).toEqual([]);
    expect(report.given).toContain('SELECT ON TABLE KEYTURN_OWNER.ORDERS WITH GRANT OPTION');
    const login = (given: string) => failureOf(oracle().connect(loginTo(server, 'app_clone', given), limits()));
    for (const given of [password.reveal(), 'first password', 'keyturn: APP_CLONE takes turns with APP']) {
      expect((await login(given)).code).toBe('login-failed');
    }
    expect(await twins.compare()).toEqual([]);
    await twins.reset({ password });
    expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
    expect(await server.rightsOf('app_clone')).toEqual(await server.rightsOf('app'));
  });

  test('is known again by its mark, whatever it has got so far', async () => {
    server.sql(`CREATE USER app_clone IDENTIFIED EXTERNALLY AS 'keyturn: APP_CLONE takes turns with APP' ACCOUNT LOCK`);
    expect((await twins.clone({ ...unknown, isKnown: pairOf().isKnown })).created).toBe(false);
    expect(await twins.compare()).toEqual([]);
  });

  test('is not known by another mark', async () => {
    server.sql(`CREATE USER app_clone IDENTIFIED EXTERNALLY AS 'keyturn: APP_CLONE takes turns with HR' ACCOUNT LOCK`);
    expect(await refusal()).toMatchObject({ code: 'twin-name-taken' });
  });

  test('that got its password and has never logged in is known by it, though rights have changed since', async () => {
    await twins.clone(unknown);
    await twins.reset({ password });
    server.sql('REVOKE CREATE SEQUENCE FROM app');
    expect((await twins.clone(unknown)).taken).toEqual(['CREATE SEQUENCE']);
  });
});

describe('a name that somebody else has', () => {
  test.each([
    ['who has never logged in', () => {}],
    ['who logs in', async () => void (await server.logsIn('app_clone', 'a stranger'))],
    ['who is locked', () => server.sql('ALTER USER app_clone ACCOUNT LOCK')],
    ['who has no password', () => server.sql('ALTER USER app_clone NO AUTHENTICATION')],
  ])('is left alone: %s', async (_name, arrange) => {
    server.sql('CREATE USER app_clone IDENTIFIED BY "a stranger"');
    server.sql('GRANT CREATE SESSION TO app_clone');
    await arrange();
    expect(await refusal()).toMatchObject({ code: 'twin-name-taken', user: 'app_clone' });
    expect(await server.refusedLogins?.('app_clone')).toBeLessThanOrEqual(1);
    // The control: it is taken over once another version of the secret names it.
    await twins.clone({ ...unknown, isKnown: () => Promise.resolve(true) });
    expect(await twins.compare()).toEqual([]);
  });

  test('is left alone: two users that may only log in are equal by chance', async () => {
    await server.createUser('plain', 'first password');
    await server.createUser('plain_clone', 'a stranger');
    const pair = { base: 'plain', twin: 'plain_clone', current: 'plain', next: 'plain_clone' };
    expect(await refusal(pair)).toMatchObject({ code: 'twin-name-taken' });
  });

  test('is the twin without asking if both may do the same', async () => {
    await server.createUser('app_clone', 'older');
    await server.furnish('app_clone');
    const asked = { isKnown: () => Promise.reject(new Error('asked')) };
    expect(await twins.clone(asked)).toEqual({ created: false, given: [], taken: [] });
  });
});

describe('what cannot be cloned is named, and nothing is changed', () => {
  test.each<[string, readonly string[], readonly string[], string]>([
    [
      'what somebody has granted by his GRANT OPTION',
      ['GRANT SELECT ON keyturn_owner.orders TO keyturn_proxy WITH GRANT OPTION'],
      [],
      'to take SELECT ON TABLE KEYTURN_OWNER.ORDERS WITH GRANT OPTION',
    ],
    [
      'what the user owns',
      ['CREATE SEQUENCE app.ids'],
      ['DROP SEQUENCE app.ids'],
      'APP owns "SEQUENCE IDS", APP_CLONE does not',
    ],
    ['what the twin owns', ['CREATE TABLE app_clone.t (id)'], [], 'APP_CLONE owns "TABLE T", APP does not'],
    [
      'editions that cannot be taken',
      ['ALTER USER app_clone ENABLE EDITIONS'],
      [],
      'APP_CLONE has EDITIONS ENABLED, APP has "NOT ENABLED"',
    ],
  ])('%s', async (name, arrange, undo, words) => {
    await twins.clone(unknown);
    for (const statement of arrange) server.sql(statement);
    if (name.includes('GRANT OPTION')) {
      const by = server.model.objectGrants.find(
        ({ grantee, privilege }) => grantee === 'APP_CLONE' && privilege === 'SELECT',
      );
      if (by !== undefined) server.model.objectGrants.push({ ...by, grantor: 'KEYTURN_PROXY' });
      server.sql('REVOKE SELECT ON keyturn_owner.orders FROM app');
    }
    const failure = await refusal();
    expect(failure.code).toBe('rights-not-cloneable');
    expect(failure.details.message).toContain(words);
    expect(await twins.compare()).not.toEqual([]);
    for (const statement of undo) server.sql(statement);
    if (undo.length > 0) await twins.clone(unknown);
  });

  test.each(['SYS', '"SYS"'])('a user of Oracle’s own: %s', async (current) => {
    expect(await refusal({ current, base: current })).toMatchObject({ code: 'rights-not-cloneable' });
  });
});

test.each([
  ['that there is not', { current: 'nobody', base: 'nobody' }, 'invalid-secret'],
  ['whose twin has the same name for the server', { next: 'APP', twin: 'APP' }, 'invalid-configuration'],
  ['whose twin has a name with a double quote', { next: 'a"b', twin: 'a"b' }, 'invalid-secret'],
  ['whose twin has too long a name', { next: 'x'.repeat(129), twin: 'x'.repeat(129) }, 'invalid-secret'],
] as const)('a user %s is refused', async (_name, change, code) => {
  expect(await refusal(change)).toMatchObject({ code });
});

describe('what the server gives and takes along', () => {
  test('UNLIMITED TABLESPACE, which comes and goes with the role DBA, is settled in a second round', async () => {
    server.sql('GRANT DBA TO app');
    server.sql('REVOKE UNLIMITED TABLESPACE FROM app');
    await twins.clone(unknown);
    expect(await server.rightsOf('app_clone')).toEqual(await server.rightsOf('app'));
    server.sql('REVOKE DBA FROM app');
    server.sql('GRANT UNLIMITED TABLESPACE TO app');
    await twins.clone(unknown);
    expect(await server.rightsOf('app_clone')).toEqual(await server.rightsOf('app'));
  });
});

test('lines of names that are hostile are one line each', async () => {
  server.sql(`CREATE ROLE "a\n; DROP USER app"`);
  server.sql(`GRANT "a\n; DROP USER app" TO app`);
  const { given } = await twins.clone(unknown);
  expect(given.filter((line) => /[\n\r]/.test(line))).toEqual([]);
  expect(given).toContain('the role "a\\n; DROP USER app"');
  server.sql(`DROP ROLE "a\n; DROP USER app"`);
});

describe('a shared schema', () => {
  const engine = oracle({ sharedSchema: true });
  const asMaster = <T>(
    use: (admin: NonNullable<NonNullable<typeof engine.admin>['twins']>, master: never) => Promise<T>,
  ) =>
    twins.asMaster((master) => {
      const admin = engine.admin?.twins;
      if (admin === undefined) throw new Error('the engine has no twins');
      return use(admin, master as never);
    });
  const clone = (change: Partial<TwinPair> = {}) =>
    asMaster((admin, master) => admin.cloneUser(master, pairOf({ ...unknown, ...change })));
  const compare = (change: Partial<TwinPair> = {}) =>
    asMaster((admin, master) => admin.comparePrivileges(master, pairOf({ ...unknown, ...change })));

  beforeEach(() => {
    server.sql('CREATE TABLE app.things (id, name)');
    server.sql('CREATE SEQUENCE app."ids of things"');
    server.sql('GRANT CREATE ANY TRIGGER TO rotation_master');
  });

  test('gives the twin the rights of a worker in all objects of the base, and its schema at each login', async () => {
    await clone();
    expect(await compare()).toEqual([]);
    await twins.reset({ password });
    const lines = await server.rightsOf('app_clone');
    expect(lines).toContain('UPDATE on TABLE APP.THINGS');
    expect(lines).toContain('SELECT on SEQUENCE APP.ids of things');
    const trigger = server.model.objects.find(({ type }) => type === 'TRIGGER');
    expect(trigger).toMatchObject({ owner: 'APP_CLONE', columns: ['APP_CLONE', 'APP'] });
    expect(await clone()).toEqual({ created: false, given: [], taken: [] });
  });

  test('what the base makes later is given to the twin, also while the twin is in use', async () => {
    await clone();
    await twins.reset({ password });
    server.sql('CREATE VIEW app.names');
    const turned = { current: 'app_clone', next: 'app' };
    expect(await compare(turned)).toContain('APP_CLONE lacks SELECT ON VIEW APP.NAMES');
    expect((await clone({ ...turned, isKnown: () => Promise.resolve(true) })).given).toContain(
      'SELECT ON VIEW APP.NAMES',
    );
    expect(await compare(turned)).toEqual([]);
  });

  test('needs CREATE ANY TRIGGER, which is named', async () => {
    server.sql('REVOKE CREATE ANY TRIGGER FROM rotation_master');
    const failure = await failureOf(clone());
    expect(failure).toMatchObject({ code: 'missing-privilege' });
    expect(failure.details.message).toBe('the master lacks CREATE ANY TRIGGER');
  });

  test('does not share what the twin owns', async () => {
    await clone();
    server.sql('CREATE TABLE app_clone.own (id)');
    expect(await failureOf(clone())).toMatchObject({ code: 'rights-not-cloneable' });
  });

  test('without the option, owners are refused', async () => {
    expect(await refusal()).toMatchObject({ code: 'rights-not-cloneable' });
  });
});

test('a rotation by two functions at once ends with equal users', async () => {
  const both = await Promise.allSettled([twins.clone(unknown), twins.clone(unknown)]);
  for (const outcome of both) if (outcome.status === 'rejected') throw outcome.reason;
  expect(await twins.compare()).toEqual([]);
  expect(await server.rightsOf('app_clone')).toEqual(await server.rightsOf('app'));
});

test('the password of the pair is no part of any statement of the clone', async () => {
  const before = server.log().length;
  await twinAdmin().cloneUser(
    await oracle().connect(loginTo(server, server.administrator.username, server.administrator.password), limits()),
    pairOf({ ...unknown, password: new Password('taint-never-sent-by-clone') }),
  );
  expect(server.log().slice(before)).not.toContain('taint-never-sent');
});
