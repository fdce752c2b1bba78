import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeAuthority } from './certificates.ts';
import { authority, certificate, LineClient, LineServer, lines, until } from './line-protocol.fixture.ts';
import { startWireTap } from './start-wire-tap.ts';
import type { WireAction, WirePoint, WireTap, WireTapOptions } from './wire-tap.ts';

const places = ['connect before', 'connect after', 'statement before', 'statement after'] as const;
const nameOf = (point: WirePoint) => `${point.kind} ${point.moment}`;

describe.each(['clear', 'answered', 'unanswered'] as const)('a tap on a connection, TLS %s', (mode) => {
  let server: LineServer;
  let tap: WireTap;
  const clients: LineClient[] = [];
  let upstream: WireTapOptions['upstream'];
  beforeEach(async () => {
    server = new LineServer(mode === 'answered');
    upstream = { host: 'localhost', port: await server.listen(), ca: authority.certificate };
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end();
    await tap.close();
    server.close();
  });

  const start = async (onPoint?: (point: WirePoint) => WireAction | Promise<WireAction>) => {
    tap = await startWireTap({
      protocol: lines(mode === 'answered'),
      upstream,
      certificate,
      ...(onPoint === undefined ? {} : { onPoint }),
    });
  };
  const open = async () => {
    const client = await LineClient.open(tap.port, mode);
    clients.push(client);
    return client;
  };

  test('relays everything, and records every point and login', async () => {
    await start();
    const client = await open();
    client.say('HELLO app');
    await client.hear('WELCOME');
    client.say('DO one');
    await client.hear('DONE DO one');
    client.say('BYE');
    await until(() => client.over);
    expect(server.done).toEqual(['HELLO app', 'DO one', 'BYE']);
    expect(tap.points).toEqual([
      { connection: 1, kind: 'connect', moment: 'before' },
      { connection: 1, kind: 'connect', moment: 'after' },
      { connection: 1, kind: 'statement', moment: 'before', text: 'one' },
      { connection: 1, kind: 'statement', moment: 'after', text: 'one' },
    ]);
    expect(tap.logins).toEqual([{ connection: 1, user: 'app', outcome: 'logged-in', at: expect.any(Number) }]);
    expect(tap.faults).toEqual([]);
  });

  test('relays a refusal as one, and it is no point', async () => {
    await start();
    const client = await open();
    client.say('HELLO nobody');
    await client.hear('REFUSED');
    expect(tap.logins).toMatchObject([{ user: 'nobody', outcome: 'refused' }]);
    expect(tap.points).toHaveLength(1);
  });

  test('takes statements that come at once one by one', async () => {
    await start();
    const client = await open();
    client.say('HELLO app');
    await client.hear('WELCOME');
    client.say('DO one\nDO two');
    await client.hear('DONE DO two');
    expect(tap.points.slice(2).map((point) => `${point.moment} ${point.text}`)).toEqual([
      'before one',
      'after one',
      'before two',
      'after two',
    ]);
  });

  test.each(places)('holds the connection at %s until it is decided', async (place) => {
    let decide: (action: WireAction) => void = () => {};
    const decision = new Promise<WireAction>((resolve) => {
      decide = resolve;
    });
    let reached = false;
    await start((point) => {
      if (nameOf(point) !== place) return 'pass';
      reached = true;
      return decision;
    });
    const opening = open();
    const talk = opening.then(async (client) => {
      client.say('HELLO app');
      await client.hear('WELCOME');
      client.say('DO one');
      await client.hear('DONE');
    });
    await until(() => reached);
    const expected = { 'connect before': 0, 'connect after': 1, 'statement before': 1, 'statement after': 2 }[place];
    expect(server.done).toHaveLength(expected);
    decide('pass');
    await talk;
  });

  test.each(places)('drops both sides at %s', async (place) => {
    await start((point) => (nameOf(point) === place ? 'drop' : 'pass'));
    const outcome = await open()
      .then(async (client) => {
        client.say('HELLO app');
        await client.hear('WELCOME');
        client.say('DO one');
        await client.hear('DONE');
      })
      .catch(() => 'broke off');
    expect(outcome).toBe('broke off');
    if (place !== 'connect before') await until(() => server.gone === 1);
    expect(server.done.includes('DO one')).toBe(place === 'statement after');
  });

  test.each(places.slice(1))('freezes at %s: the server sees the end, the client hears nothing', async (place) => {
    await start((point) => (nameOf(point) === place ? 'freeze' : 'pass'));
    const client = await open();
    client.say('HELLO app');
    if (place !== 'connect after') {
      await client.hear('WELCOME');
      client.say('DO one');
    }
    await until(() => server.gone === 1);
    expect(server.done.includes('DO one')).toBe(place === 'statement after');
    client.say('DO two');
    expect(client.heard).not.toMatch(/DONE|DO two/);
    expect(client.over).toBe(false);
    await tap.close();
    await until(() => client.over);
  });

  test('counts connections, and keeps them apart', async () => {
    await start();
    const [first, second] = [await open(), await open()];
    first.say('HELLO one');
    await first.hear('WELCOME');
    second.say('HELLO two');
    await second.hear('WELCOME');
    expect(tap.logins.map(({ connection, user }) => [connection, user])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
  });

  test('a server that is not there is a fault of the tap, and ends the connection', async () => {
    upstream = { ...upstream, port: 1 };
    await start();
    const socket = connect(tap.port, '127.0.0.1');
    await once(socket.resume(), 'close');
    expect(tap.faults).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  test('a decision that fails is a fault, and ends the connection', async () => {
    await start(() => Promise.reject(new Error('no decision')));
    const socket = connect(tap.port, '127.0.0.1');
    await once(socket.resume(), 'close');
    expect(tap.faults).toEqual(['no decision']);
  });
});

test('a server whose certificate the tap does not trust gets nothing, and is a fault', async () => {
  const server = new LineServer(true);
  const upstream = { host: 'localhost', port: await server.listen(), ca: makeAuthority('Other').certificate };
  const tap = await startWireTap({ protocol: lines(true), upstream, certificate });
  const client = await LineClient.open(tap.port, 'answered');
  client.say('HELLO app');
  await until(() => client.over);
  expect(server.done).toEqual([]);
  expect(tap.faults).toHaveLength(1);
  await tap.close();
  server.close();
});
