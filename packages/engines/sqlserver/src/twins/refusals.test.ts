import { hasCode, RotationError, type TwinPair } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSqlServer } from '../../service/index.ts';
import type { RunningSqlServer } from '../../service/running-sqlserver.ts';
import { clone, compare, type Master, pairOf, wholeState } from '../../service/test-twins.ts';

/** What `cloneUser` refuses, and what the error then says. */
interface Refusal {
  readonly name: string;
  readonly code: RotationError['code'];
  readonly message?: RegExp;
  readonly remedy?: RegExp;
  /** What sa does to the user `<app>`, whose twin would be `<app>_clone`. */
  readonly given?: readonly string[];
  readonly pair?: Partial<TwinPair>;
  readonly master?: (server: RunningSqlServer) => Promise<Master>;
}

const asNewMaster =
  (...given: readonly string[]) =>
  async (server: RunningSqlServer): Promise<Master> => {
    masters += 1;
    const master = { username: `master_${masters}`, password: 'Master-password-1', database: 'master' };
    await server.execute(`CREATE LOGIN ${master.username} WITH PASSWORD = N'${master.password}'`);
    for (const each of given) await server.execute(each.replaceAll('<master>', master.username));
    return master;
  };
let masters = 0;

const seesAll = 'GRANT ALTER ANY LOGIN, VIEW ANY DEFINITION, CONNECT ANY DATABASE TO <master>';

const refusals: readonly Refusal[] = [
  {
    name: 'a user that does not exist',
    code: 'invalid-secret',
    pair: { base: 'nobody', current: 'nobody', next: 'nobody_clone', twin: 'nobody_clone' },
  },
  {
    name: "a login of the twin's name that nobody knows",
    code: 'twin-name-taken',
    given: ["CREATE LOGIN [<app>_clone] WITH PASSWORD = N'Somebody-else-1'"],
  },
  {
    name: "a server role of the twin's name",
    code: 'twin-name-taken',
    given: ['CREATE SERVER ROLE [<app>_clone]'],
  },
  {
    name: "a user left over in a database, with the twin's name",
    code: 'twin-name-taken',
    message: /in the database app/,
    remedy: /ALTER USER \[.*_clone\] WITH LOGIN = \[.*_clone\]/,
    given: ['USE [app]; CREATE USER [<app>_clone] WITHOUT LOGIN'],
  },
  {
    name: 'a role of a database with the name of the twin',
    code: 'twin-name-taken',
    given: ['USE [app]; CREATE ROLE [<app>_clone]'],
  },
  { name: 'a name that no user can have', code: 'invalid-secret', pair: { next: 'n'.repeat(129) } },
  {
    name: 'a database that the user in use owns',
    code: 'rights-not-cloneable',
    message: /owns DATABASE::archive, which .*_clone cannot own too/,
    remedy: /ALTER AUTHORIZATION ON DATABASE::\[archive\] TO \[sa\].*ALTER ROLE db_owner ADD MEMBER/,
    given: ['ALTER AUTHORIZATION ON DATABASE::archive TO [<app>]'],
  },
  {
    name: 'a schema that it owns',
    code: 'rights-not-cloneable',
    message: /owns SCHEMA::sales in the database app/,
    remedy: /ALTER AUTHORIZATION ON SCHEMA::\[sales\] TO dbo/,
    given: ['USE [app]; ALTER AUTHORIZATION ON SCHEMA::sales TO [<app>]'],
  },
  {
    name: 'an object that it owns',
    code: 'rights-not-cloneable',
    message: /owns OBJECT::sales\.orders in the database app/,
    given: ['USE [app]; ALTER AUTHORIZATION ON OBJECT::sales.orders TO [<app>]'],
  },
  {
    name: 'a role that it owns',
    code: 'rights-not-cloneable',
    message: /owns ROLE::readers in the database app/,
    given: ['USE [app]; ALTER AUTHORIZATION ON ROLE::readers TO [<app>]'],
  },
  {
    name: 'a certificate that it owns',
    code: 'rights-not-cloneable',
    message: /owns CERTIFICATE::\[thing of class 25\]/,
    given: ['USE [app]; ALTER AUTHORIZATION ON CERTIFICATE::[thing of class 25] TO [<app>]'],
  },
  {
    name: 'a master that may not change logins',
    code: 'missing-privilege',
    message: /lacks ALTER ANY LOGIN and VIEW ANY DEFINITION/,
    remedy: /GRANT ALTER ANY LOGIN, VIEW ANY DEFINITION TO/,
    master: asNewMaster(),
  },
  {
    name: 'a master that does not see what there is',
    code: 'missing-privilege',
    message: /lacks VIEW ANY DEFINITION/,
    master: asNewMaster('GRANT ALTER ANY LOGIN TO <master>'),
  },
  {
    name: 'databases that are closed to the master',
    code: 'missing-privilege',
    message: /CONNECT ANY DATABASE, to look into app/,
    remedy: /GRANT CONNECT ANY DATABASE TO \[master_\d+\]/,
    master: asNewMaster('GRANT ALTER ANY LOGIN, VIEW ANY DEFINITION TO <master>'),
  },
  {
    name: 'a master that may make no users in the database',
    code: 'missing-privilege',
    message: /lacks ALTER ANY USER in the database app/,
    remedy: /USE \[app\]; CREATE USER \[master_\d+\]; ALTER ROLE db_owner ADD MEMBER/,
    master: asNewMaster(seesAll),
  },
  {
    name: 'a master that may change no role of the server',
    code: 'missing-privilege',
    message: /lacks ALTER ANY SERVER ROLE/,
    given: ['CREATE SERVER ROLE [role of <app>]', 'ALTER SERVER ROLE [role of <app>] ADD MEMBER [<app>]'],
    master: asNewMaster(seesAll, 'USE [app]; CREATE USER <master>; ALTER ROLE db_owner ADD MEMBER <master>'),
  },
  {
    name: 'a fixed role of the server that the master is not in',
    code: 'rights-not-cloneable',
    message: /give the server role sysadmin TO/,
    given: ['ALTER SERVER ROLE sysadmin ADD MEMBER [<app>]'],
  },
  {
    name: 'a right on the server that the master may not hand on',
    code: 'rights-not-cloneable',
    message: /give ALTER TRACE TO/,
    given: ['GRANT ALTER TRACE TO [<app>]'],
  },
  {
    name: 'a right in a database that the master may not hand on',
    code: 'rights-not-cloneable',
    message: /give SELECT ON SCHEMA::sales TO .* in the database app/,
    given: ['USE [app]; GRANT SELECT ON SCHEMA::sales TO [<app>]'],
    master: asNewMaster(seesAll, 'USE [app]; CREATE USER <master>; ALTER ROLE db_accessadmin ADD MEMBER <master>'),
  },
];

describe('SQL Server 2022 (double)', () => {
  let server: RunningSqlServer;
  beforeAll(async () => {
    server = await startSqlServer();
  });
  afterAll(() => server?.stop());

  let count = 0;
  async function newUser(): Promise<string> {
    count += 1;
    await server.createUser(`app_${count}`, 'Any-password-1');
    return `app_${count}`;
  }
  async function takeBack(): Promise<void> {
    await server.execute('ALTER AUTHORIZATION ON DATABASE::archive TO sa');
    for (const on of ['SCHEMA::sales', 'OBJECT::sales.orders', 'ROLE::readers', 'CERTIFICATE::[thing of class 25]']) {
      await server.execute(`USE [app]; ALTER AUTHORIZATION ON ${on} TO dbo`);
    }
  }

  test.each(refusals)(
    '$name: $code, and nothing has been changed',
    async ({ code, message, remedy, given = [], pair, master }) => {
      const app = await newUser();
      for (const each of given) await server.execute(each.replaceAll('<app>', app));
      const options = master === undefined ? {} : { master: await master(server) };
      const before = wholeState(server);
      const error: unknown = await clone(server, pairOf(app, pair), options).catch((thrown: unknown) => thrown);
      recordError(error);
      expect(hasCode(error, code), String(error)).toBe(true);
      if (!(error instanceof RotationError)) return;
      expect(error.details.message).toMatch(message ?? /./);
      expect(error.remedy).toMatch(remedy ?? /./);
      expect(error.message).not.toContain('\n');
      expect(wholeState(server)).toBe(before);
      await takeBack();
    },
  );

  test('control: without any of this, the same call makes a twin', async () => {
    const app = await newUser();
    const before = wholeState(server);
    expect((await clone(server, pairOf(app))).created).toBe(true);
    expect(wholeState(server)).not.toBe(before);
  });

  test('a login that another version of the secret knows is used as the twin', async () => {
    const app = await newUser();
    await server.execute(`CREATE LOGIN [${app}_clone] WITH PASSWORD = N'Made-by-hand-1', CHECK_POLICY = OFF`);
    await clone(server, pairOf(app, { isKnown: async () => true }));
    expect(await server.rightsOf(`${app}_clone`)).toEqual(await server.rightsOf(app));
  });

  test('the SID of a twin shows whose it is: nobody is asked again', async () => {
    const app = await newUser();
    const asked: string[] = [];
    const pair = pairOf(app, {
      isKnown: async () => {
        asked.push(app);
        return false;
      },
    });
    await clone(server, pair);
    await clone(server, pair);
    await clone(server, pairOf(app, { current: `${app}_clone`, isKnown: pair.isKnown }));
    expect(asked).toEqual([]);
  });

  test('with ownership ignored, a twin is made beside an owner, as a member of db_owner', async () => {
    const app = await newUser();
    await server.execute(`ALTER AUTHORIZATION ON DATABASE::archive TO [${app}]`);
    const options = { options: { ownership: 'ignore' } } as const;
    const { given } = await clone(server, pairOf(app), options);
    expect(given).toContain(`the role db_owner TO ${app}_clone in the database archive`);
    expect(await compare(server, pairOf(app), options)).toEqual([]);
    expect(await compare(server, pairOf(app))).toEqual([
      `${app} owns DATABASE::archive, which ${app}_clone cannot own too`,
    ]);
    // The other way round, the owner lacks nothing.
    const back = pairOf(app, { current: `${app}_clone` });
    expect(await clone(server, back, options)).toEqual({ created: false, given: [], taken: [] });
    await takeBack();
  });

  test('jobs of the Agent are found where the master may read them', async () => {
    const app = await newUser();
    server.parts.core.state.jobs.push({ name: 'nightly', ownerSid: server.login(app).sid });
    const found = await compare(server, pairOf(app), { master: server.superuser });
    expect(found).toContain(`${app} owns JOB::nightly, which ${app}_clone cannot own too`);
    expect(await compare(server, pairOf(app))).not.toContain(
      `${app} owns JOB::nightly, which ${app}_clone cannot own too`,
    );
  });

  test('a right that the idle user has handed on is not taken from it: others would lose it', async () => {
    const [app, other] = [await newUser(), await newUser()];
    const pair = pairOf(app);
    await clone(server, pair);
    await server.execute(`USE [app]; GRANT SELECT ON OBJECT::sales.orders TO [${pair.twin}] WITH GRANT OPTION`);
    await server.execute(`USE [app]; GRANT SELECT ON OBJECT::sales.orders TO [${other}] AS [${pair.twin}]`);
    const before = wholeState(server);
    const error: unknown = await clone(server, pair).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'rights-not-cloneable')).toBe(true);
    expect(String(error)).toContain(`handed this right on to ${other}`);
    expect(wholeState(server)).toBe(before);
  });

  test('a database that takes no writes is named, unless nothing differs there', async () => {
    const app = await newUser();
    await server.execute(`USE [archive]; CREATE USER [${app}] FOR LOGIN [${app}]`);
    server.inDatabase('archive').readOnly = true;
    const error: unknown = await clone(server, pairOf(app)).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'rights-not-cloneable')).toBe(true);
    expect(String(error)).toContain('the database archive takes no writes');
    server.inDatabase('archive').readOnly = false;
    await clone(server, pairOf(app));
    server.inDatabase('archive').readOnly = true;
    expect(await clone(server, pairOf(app))).toEqual({ created: false, given: [], taken: [] });
    server.inDatabase('archive').readOnly = false;
  });

  test('what only its grantor or sysadmin can take is told, and nothing has been changed', async () => {
    const [app, lender] = [await newUser(), await newUser()];
    await clone(server, pairOf(app));
    await server.execute(`GRANT ALTER TRACE TO [${lender}] WITH GRANT OPTION`);
    await server.execute(`GRANT ALTER TRACE TO [${app}_clone] AS [${lender}]`);
    const before = wholeState(server);
    const error: unknown = await clone(server, pairOf(app)).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'rights-not-cloneable')).toBe(true);
    expect(String(error)).toContain(`take ALTER TRACE FROM ${app}_clone`);
    expect(wholeState(server)).toBe(before);
  });

  test("a user of the database with another name than its login keeps it, and the twin's has the twin's own", async () => {
    const app = await newUser();
    await server.execute(`USE [archive]; CREATE USER [someone else] FOR LOGIN [${app}]`);
    await clone(server, pairOf(app));
    const names = server
      .inDatabase('archive')
      .principals.filter(({ sid }) => sid === server.login(app).sid || sid === server.login(`${app}_clone`).sid)
      .map(({ name }) => name);
    expect(names).toEqual(['someone else', `${app}_clone`]);
  });

  test('a user that this makes lets nobody in before it has been given a password', async () => {
    const app = await newUser();
    await clone(server, pairOf(app));
    expect(await server.logsIn(`${app}_clone`, 'Any-password-1')).toBe(false);
    expect(server.login(`${app}_clone`).disabled).toBe(false);
  });
});
