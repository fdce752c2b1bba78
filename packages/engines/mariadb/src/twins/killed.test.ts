import { Password } from '@keyturn/core';
import {
  limits,
  loginTo,
  makeAuthority,
  recordError,
  startWireTap,
  type WireAction,
  type WirePoint,
} from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DyingOptions, dyingConnection } from '../../service/dying-connection.ts';
import { protocol, type RunningMariadb, startMariadb } from '../../service/index.ts';
import { dropUsers, pairOf, rotationPassword, testTwins, twinAdmin } from '../../service/test-twins.ts';
import { mariadb } from '../index.ts';

let server: RunningMariadb;
const twins = testTwins(() => server);

beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

const password = rotationPassword('a password of the rotation');
const pair = { password };

const states = [
  {
    state: 'there is no twin yet',
    prepare: async () => {
      await server.createUser('app', 'first');
      await server.furnish?.('app');
    },
  },
  {
    state: 'the twin has an older password and other rights',
    prepare: async () => {
      await server.createUser('app', 'first');
      await server.furnish?.('app');
      await server.createUser('app_clone', 'older');
      await server.furnish?.('app_clone');
      await server.furnish?.('app');
      // Rights in columns, which a REVOKE in their table takes along.
      await server.execute("GRANT SELECT, INSERT ON app.orders TO app_clone@'10.%'");
    },
  },
];

/** Runs cloneUser on a server that dies after so many changes; says whether it came to its end before. */
async function cloneOnDyingServer(options: DyingOptions, change = {}): Promise<boolean> {
  return twins.asMaster(async (master) => {
    try {
      await twinAdmin().cloneUser(dyingConnection(master, options), pairOf({ ...pair, isKnown: known, ...change }));
      return true;
    } catch (error) {
      recordError(error);
      expect(error).toMatchObject({ code: 'connection-lost' });
      return false;
    }
  });
}

const known = () => Promise.resolve(true);

/** What is wrong with the twin as the dead server left it. */
async function faultOfNow(): Promise<string | undefined> {
  if (!(await server.logsIn('app_clone', password.reveal()))) return undefined;
  const differences = await twins.compare(pair);
  return differences.length === 0 ? undefined : `it logs in, and ${differences.join('; ')}`;
}

describe.each(states)('where $state', ({ prepare }) => {
  beforeEach(() => dropUsers(server, 'app', 'app_clone'));

  test('a server that dies after any change leaves no twin that logs in with other rights, and a retry settles it', async () => {
    let deaths = 0;
    for (let after = 0, ended = false; !ended; after += 1) {
      await dropUsers(server, 'app', 'app_clone');
      await prepare();
      const before = await server.rightsOf?.('app');
      ended = await cloneOnDyingServer({ after });
      deaths += Number(!ended);
      expect([after, await faultOfNow()]).toEqual([after, undefined]);
      // The same rotation again finds its own work; every other time, another one goes on with another password.
      const later = after % 2 === 0 ? pair : { password: rotationPassword('a later password') };
      await twins.clone({ ...later, isKnown: known });
      expect(await twins.compare()).toEqual([]);
      expect(await server.rightsOf?.('app_clone')).toEqual(before);
      expect(await server.rightsOf?.('app')).toEqual(before);
      await twins.reset(later);
      expect(await server.logsIn('app_clone', later.password.reveal())).toBe(true);
    }
    expect(deaths).toBeGreaterThan(15);
  });
});

describe('a twin that is made', () => {
  beforeEach(async () => {
    await dropUsers(server, 'app', 'app_clone');
    await states[0]?.prepare();
  });

  test('is known by its password to a retry of the same rotation, which asks nobody', async () => {
    expect(await cloneOnDyingServer({ after: 3 })).toBe(false);
    await twins.clone(pair);
    expect(await twins.compare()).toEqual([]);
  });

  test('the control: made without a lock, it logs in with too few rights', async () => {
    const rewrite = (statement: string) => statement.replace(/ ACCOUNT LOCK$/, '');
    expect(await cloneOnDyingServer({ after: 6, rewrite })).toBe(false);
    expect(await faultOfNow()).toMatch(/^it logs in, and app_clone@'%' lacks /);
  });

  test('logs in with the password of the rotation once all is done, and not with another', async () => {
    await twins.clone(pair);
    expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
    expect(await server.logsIn('app_clone', 'first')).toBe(false);
  });

  test('of a dead rotation does not log in with the password of that one when the next has made it whole', async () => {
    expect(await cloneOnDyingServer({ after: 6 })).toBe(false);
    await twins.clone({ password: rotationPassword('the next password'), isKnown: known });
    expect(await server.logsIn('app_clone', password.reveal())).toBe(false);
    expect(await server.logsIn('app_clone', 'the next password')).toBe(true);
  });
});

test('a connection that breaks before or after any request leaves nothing that a retry does not settle', async () => {
  const points: WirePoint[] = [];
  let breakAt = Number.POSITIVE_INFINITY;
  const authority = makeAuthority('Keyturn tap');
  const tap = await startWireTap({
    protocol,
    upstream: { host: 'localhost', port: server.port, ca: server.ca },
    certificate: authority.sign(),
    onPoint: (point): WireAction => {
      if (point.kind !== 'statement') return 'pass';
      points.push(point);
      return points.length > breakAt ? 'drop' : 'pass';
    },
  });
  try {
    for (breakAt = 0; ; breakAt += 1) {
      await dropUsers(server, 'app', 'app_clone');
      await states[0]?.prepare();
      points.splice(0);
      const engine = mariadb();
      const { username, password: secret } = server.administrator;
      const master = await engine.connect(
        loginTo({ port: tap.port, ca: authority.certificate }, username, secret),
        limits(),
      );
      const outcome = await twinAdmin()
        .cloneUser(master, pairOf(pair))
        .then(
          () => 'ended',
          (error: { code?: string }) => error.code,
        );
      const broken = points.length > breakAt;
      await engine.close(master);
      expect(outcome).toBe(broken ? 'connection-lost' : 'ended');
      expect([breakAt, await faultOfNow()]).toEqual([breakAt, undefined]);
      await twins.clone(pair);
      expect(await twins.compare(pair)).toEqual([]);
      if (!broken) break;
    }
    expect(breakAt).toBeGreaterThan(10);
    expect(tap.faults).toEqual([]);
  } finally {
    await tap.close();
  }
});

test('two rotations at once make one twin', async () => {
  for (let round = 0; round < 15; round += 1) {
    await dropUsers(server, 'app', 'app_clone');
    await states[round % 2]?.prepare();
    const before = await server.rightsOf?.('app');
    await Promise.all([twins.clone({ ...pair, isKnown: known }), twins.clone({ ...pair, isKnown: known })]);
    expect(await twins.compare()).toEqual([]);
    expect(await server.rightsOf?.('app_clone')).toEqual(before);
    await twins.reset({ password: new Password('settled') });
    expect(await server.logsIn('app_clone', 'settled')).toBe(true);
  }
});
