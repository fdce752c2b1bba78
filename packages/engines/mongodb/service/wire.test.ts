import { makeAuthority, startWireTap } from '@keyturn/engine-conformance';
import { serialize } from 'bson';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dialects, protocol, type RunningMongodb, startMongodb } from './index.ts';
import { readMessage } from './wire.ts';

const authority = makeAuthority('Keyturn tests');
let server: RunningMongodb;

beforeAll(async () => {
  server = await startMongodb(dialects.mongodb8);
  await server.createUser('a,b=c', 'first');
});
afterAll(() => server?.stop());

test('the tap sees the login of the vendor’s driver, and each command', async () => {
  const tap = await startWireTap({ protocol, upstream: server, certificate: authority.sign() });
  const client = (password: string) =>
    new MongoClient(`mongodb://localhost:${tap.port}/`, {
      auth: { username: 'a,b=c', password },
      directConnection: true,
      tls: true,
      ca: authority.certificate,
      serverSelectionTimeoutMS: 5000,
    });
  try {
    const good = client('first');
    await good.db('admin').command({ ping: 1 });
    await good.close();
    const bad = client('wrong');
    await expect(bad.db('admin').command({ ping: 1 })).rejects.toMatchObject({ code: 18 });
    await bad.close();
    expect(tap.logins).toMatchObject([
      { user: 'a,b=c', outcome: 'logged-in' },
      { user: 'a,b=c', outcome: 'refused' },
    ]);
    const statements = tap.points.filter(({ kind }) => kind === 'statement');
    expect(statements.map(({ moment, text = '' }) => [moment, Object.keys(JSON.parse(text))[0]])).toEqual([
      ['before', 'ping'],
      ['after', 'ping'],
    ]);
    expect(tap.faults).toEqual([]);
  } finally {
    await tap.close();
  }
});

function message(document: object, { id = 7, to = 0 } = {}): Buffer {
  const body = serialize(document);
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(to, 8);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, body]);
}

test('a message is known when its last byte is there, and not before', () => {
  const one = message({ ping: 1, $db: 'admin' });
  const both = Buffer.concat([one, message({ usersInfo: 1, $db: 'admin' })]);
  const conversation = protocol.open();
  for (let length = 0; length < one.length; length += 1) {
    expect(conversation.nextClientMessage(both.subarray(0, length))).toBeUndefined();
  }
  expect(conversation.nextClientMessage(both)).toEqual({ length: one.length, kind: 'other' });
  expect(readMessage(both)).toMatchObject({ id: 7, to: 0, document: { ping: 1 } });
});

test('an answer that comes in pieces tells the outcome with its last byte', () => {
  const conversation = protocol.open();
  conversation.nextClientMessage(message({ saslContinue: 1, $db: 'admin' }, { id: 9 }));
  const answer = message({ ok: 1, done: true }, { to: 9 });
  expect(conversation.readServer(answer.subarray(0, answer.length - 1))).toBeUndefined();
  expect(conversation.readServer(answer.subarray(answer.length - 1))).toBe('logged-in');
  const ping = message({ ping: 1, $db: 'admin' });
  expect(conversation.nextClientMessage(ping)).toMatchObject({ length: ping.length, kind: 'statement' });
});

test('an answer to something else is no outcome, and no goodbye is a statement', () => {
  const conversation = protocol.open();
  conversation.nextClientMessage(message({ saslContinue: 1, $db: 'admin' }, { id: 9 }));
  expect(conversation.readServer(message({ ok: 0, code: 18 }, { to: 8 }))).toBeUndefined();
  expect(conversation.readServer(message({ ok: 0, code: 18 }, { to: 9 }))).toBe('refused');
  expect(conversation.nextClientMessage(message({ endSessions: [], $db: 'admin' }))?.kind).toBe('other');
});

test('TLS is told by the first byte', () => {
  expect(protocol.open().beforeTls(Buffer.from([0x16, 3, 1]))).toEqual({ length: 0, startsTls: true });
  expect(protocol.open().beforeTls(message({ ping: 1 }))).toEqual({ length: 0, startsTls: false });
  expect(protocol.open().beforeTls(Buffer.alloc(0))).toBeUndefined();
});

test.each([
  ['too short', Buffer.alloc(16)],
  [
    'of an unknown opcode',
    Buffer.from(message({ ping: 1 }))
      .fill(1, 12, 13)
      .fill(0, 13, 14)
      .fill(9, 14, 15),
  ],
])('a message that is %s is a fault of the tap, not silence', (_title, bytes) => {
  expect(() => protocol.open().nextClientMessage(bytes)).toThrow(/message/);
});
