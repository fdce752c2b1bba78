import { makeAuthority, startWireTap, type WireTap } from '@keyturn/engine-conformance';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packet, protocol, type RunningMariadb, startMariadb } from './index.ts';

const authority = makeAuthority('Keyturn tests');
let server: RunningMariadb;
let tap: WireTap;

beforeAll(async () => {
  server = await startMariadb();
  await server.createUser('app', 'first');
  tap = await startWireTap({ protocol, upstream: server, certificate: authority.sign() });
});
afterAll(async () => {
  await tap?.close();
  await server?.stop();
});

test.each([
  ['over TLS', { ca: authority.certificate, verifyIdentity: true }],
  ['without TLS', undefined],
])('%s the tap sees the login and each statement', async (_title, ssl) => {
  const [points, logins] = [tap.points.length, tap.logins.length];
  const options = { host: 'localhost', port: tap.port, user: 'app', ...(ssl === undefined ? {} : { ssl }) };
  const connection = await createConnection({ ...options, password: 'first' });
  await connection.query('SELECT 1');
  await connection.execute('SELECT ?', [2]);
  await connection.ping();
  await connection.end();
  await expect(createConnection({ ...options, password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
  expect(tap.logins.slice(logins)).toMatchObject([
    { user: 'app', outcome: 'logged-in' },
    { user: 'app', outcome: 'refused' },
  ]);
  const seen = tap.points.slice(points).map(({ kind, moment, text }) => [kind, moment, text]);
  expect(seen).toEqual([
    ['connect', 'before', undefined],
    ['connect', 'after', undefined],
    ...['SELECT 1', 'SELECT ?', 'COM_STMT_EXECUTE', 'COM_PING'].flatMap((text) => [
      ['statement', 'before', text],
      ['statement', 'after', text],
    ]),
    ['connect', 'before', undefined],
  ]);
});

test('an answer to a request for another authentication method is a part of the login', async () => {
  await server.execute(
    "CREATE USER switched@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x') OR mysql_native_password USING PASSWORD('first')",
  );
  const conversation = protocol.open();
  conversation.readServer(packet(0, Buffer.from('\x0agreeting')));
  const introduction = packet(1, Buffer.concat([Buffer.alloc(32), Buffer.from('app\0\x00')]));
  expect(conversation.nextClientMessage(introduction)).toEqual({
    length: introduction.length,
    kind: 'login',
    user: 'app',
  });
  expect(conversation.readServer(packet(2, Buffer.from('\xfeed25519\0', 'latin1')))).toBeUndefined();
  const proof = packet(3, Buffer.alloc(20));
  expect(conversation.nextClientMessage(proof)).toEqual({ length: proof.length, kind: 'login' });
  expect(conversation.readServer(packet(4, Buffer.from([0])))).toBe('logged-in');
  const quit = packet(0, Buffer.from([1]));
  expect(conversation.nextClientMessage(quit)).toEqual({ length: quit.length, kind: 'other' });
});

test('an error in the place of the greeting is a refusal', () => {
  expect(protocol.open().readServer(packet(0, Buffer.from([0xff, 0x10, 0x04])))).toBe('refused');
});

test('packets that come byte by byte, or several at once, are told apart', () => {
  const query = (text: string) => packet(0, Buffer.from(`\x03${text}`));
  const conversation = protocol.open();
  const answers = Buffer.concat([packet(0, Buffer.from('\x0agreeting')), packet(2, Buffer.from([0]))]);
  const outcomes = [...answers].map((byte) => conversation.readServer(Buffer.from([byte])));
  expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual(['logged-in']);
  const two = Buffer.concat([query('SELECT 1'), query('SELECT 2')]);
  for (let length = 0; length < query('SELECT 1').length; length += 1) {
    expect(conversation.nextClientMessage(two.subarray(0, length))).toBeUndefined();
  }
  const first = conversation.nextClientMessage(two);
  expect(first?.text).toBe('SELECT 1');
  expect(conversation.nextClientMessage(two.subarray(first?.length))?.text).toBe('SELECT 2');
});
