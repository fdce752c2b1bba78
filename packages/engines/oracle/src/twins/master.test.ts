import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningOracle, startOracle } from '../../service/index.ts';
import { failureOf } from '../../service/test-logins.ts';
import { rotationPassword, testTwins } from '../../service/test-twins.ts';

let server: RunningOracle;
const password = rotationPassword('taint-By-a-poor-master');
const master = { username: 'rotation_master', password: 'taint-Poor-master-1' };
const poor = testTwins(
  () => server,
  () => master,
);
const unknown = { password, isKnown: () => Promise.resolve(false) };

/** The statements that the README has ready for a master. */
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const statements = (/## Two users that take turns[\s\S]*?```sql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')
  .split('\n')
  .filter((line) => line.endsWith(';'))
  .map((line) => line.slice(0, -1).replace('"…"', `"${master.password}"`));
const [create = '', ...grants] = statements;

beforeAll(async () => {
  server = await startOracle('19c');
  for (const statement of ['CREATE USER hr NO AUTHENTICATION', 'CREATE TABLE hr.orders (id)', 'CREATE ROLE app_role']) {
    server.sql(statement);
  }
});
afterAll(() => server?.stop());
beforeEach(async () => {
  for (const name of ['APP', 'APP_CLONE', 'ROTATION_MASTER']) {
    if (server.model.users.has(name)) server.sql(`DROP USER ${name} CASCADE`);
  }
  await server.createUser('app', 'first password');
  for (const right of ['CREATE TABLE', 'app_role', 'SELECT, INSERT ON hr.orders']) server.sql(`GRANT ${right} TO app`);
});

const prepare = (given: readonly string[]) => {
  for (const statement of [create, ...given]) server.sql(statement);
};

test('the README has statements for a master', () => {
  expect(grants).toHaveLength(6);
});

test('a master with just those makes a twin, resets its password, and later makes it equal again', async () => {
  prepare(grants);
  await poor.clone(unknown);
  expect(await poor.compare()).toEqual([]);
  await poor.reset({ password });
  expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
  for (const statement of ['REVOKE app_role FROM app', 'REVOKE INSERT ON hr.orders FROM app']) server.sql(statement);
  await poor.clone({ ...unknown, isKnown: () => Promise.resolve(true) });
  expect(await server.rightsOf('app_clone')).toEqual(await server.rightsOf('app'));
});

describe('without one of them', () => {
  test.each([
    ['CREATE USER', /GRANT CREATE USER/, 'missing-privilege', 'the master lacks CREATE USER and ALTER USER'],
    ['SELECT_CATALOG_ROLE', /SELECT_CATALOG/, 'missing-privilege', 'the master may not read SYS.DBA_USERS, '],
    ['CREATE TABLE', /CREATE TABLE/, 'rights-not-cloneable', 'the master may not do this: to give CREATE TABLE'],
    ['the role', /app_role/, 'rights-not-cloneable', 'the master may not do this: to give the role APP_ROLE'],
    [
      'rights in objects',
      /hr\.orders/,
      'rights-not-cloneable',
      'the master may not do this: to give SELECT ON TABLE HR.ORDERS; to give INSERT ON TABLE HR.ORDERS',
    ],
  ] as const)(
    '%s, it says so before anything is changed, and with the remedy it works',
    async (_name, left, code, message) => {
      prepare(grants.filter((statement) => !left.test(statement)));
      const failure = await failureOf(poor.clone(unknown));
      expect(failure.code).toBe(code);
      expect(failure.details.message).toContain(message);
      expect(server.model.users.has('APP_CLONE')).toBe(false);
      const remedy = failure.remedy.match(/GRANT [^;]*;/g) ?? [];
      expect(remedy.length).toBeGreaterThan(0);
      for (const statement of remedy) server.sql(statement.slice(0, -1));
      await poor.clone(unknown);
      await poor.reset({ password });
      expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
    },
  );
});

test('a privilege that the master may hand on through a role of its own is handed on', async () => {
  prepare(grants.filter((statement) => !/CREATE TABLE/.test(statement)));
  server.sql('GRANT DBA TO rotation_master');
  server.sql('REVOKE UNLIMITED TABLESPACE FROM rotation_master');
  await poor.clone(unknown);
  expect(await poor.compare()).toEqual([]);
});

test('views that are granted one by one are enough', async () => {
  prepare(grants.filter((statement) => !/SELECT_CATALOG/.test(statement)));
  const failure = await failureOf(poor.clone(unknown));
  const views = failure.details.message.match(/SYS\.\w+/g) ?? [];
  expect(views.length).toBeGreaterThan(5);
  for (const view of views) server.sql(`GRANT SELECT ON ${view} TO rotation_master`);
  await poor.clone(unknown);
  expect(await poor.compare()).toEqual([]);
});

test('a master that may take what the owner gave, with GRANT ANY OBJECT PRIVILEGE, takes it', async () => {
  prepare([...grants, 'GRANT GRANT ANY OBJECT PRIVILEGE TO rotation_master']);
  await poor.clone(unknown);
  server.sql('GRANT DELETE ON hr.orders TO app_clone');
  expect((await poor.clone(unknown)).taken).toEqual(['DELETE ON TABLE HR.ORDERS']);
});

test('a right in an object that the owner gave is out of reach of a master without it', async () => {
  prepare(grants);
  await poor.clone(unknown);
  server.sql('GRANT DELETE ON hr.orders TO app_clone');
  const failure = await failureOf(poor.clone({ ...unknown, isKnown: () => Promise.resolve(true) }));
  expect(failure).toMatchObject({ code: 'rights-not-cloneable' });
  expect(failure.details.message).toContain('to take DELETE ON TABLE HR.ORDERS, granted by HR');
});
