import { makeAuthority, startWireTap, type WireTap } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCommand } from '../src/resp.ts';
import { openClient, withClient } from './client.ts';
import { protocol, type RunningRedis, startRedis } from './index.ts';

const authority = makeAuthority('Keyturn tests');
let server: RunningRedis;
let withoutTls: RunningRedis;

beforeAll(async () => {
  [server, withoutTls] = await Promise.all([startRedis(), startRedis({ tls: false })]);
  for (const one of [server, withoutTls]) await one.createUser('app', 'first');
});
afterAll(() => Promise.all([server?.stop(), withoutTls?.stop()]));

const tlsOptions = { tls: true as const, ca: authority.certificate, servername: 'localhost' };

test.each([
  ['over TLS', () => server, tlsOptions],
  ['without TLS', () => withoutTls, {}],
])('%s the tap sees the login and each command', async (_title, upstream, options) => {
  const tap: WireTap = await startWireTap({ protocol, upstream: upstream(), certificate: authority.sign() });
  try {
    const socket = { host: 'localhost', port: tap.port, ...options };
    await withClient(socket, { username: 'app', password: 'first' }, async (client) => {
      await client.sendCommand(['PING']);
      await client.sendCommand(['GET', 'app:key']);
    });
    await expect(openClient(socket, { username: 'app', password: 'wrong' })).rejects.toThrow('WRONGPASS');
    expect(tap.logins).toMatchObject([
      { user: 'app', outcome: 'logged-in' },
      { user: 'app', outcome: 'refused' },
    ]);
    expect(tap.points.map(({ kind, moment, text }) => [kind, moment, text])).toEqual([
      ['connect', 'before', undefined],
      ['connect', 'after', undefined],
      ...['PING', 'GET app:key'].flatMap((text) => [
        ['statement', 'before', text],
        ['statement', 'after', text],
      ]),
      ['connect', 'before', undefined],
    ]);
    expect(tap.faults).toEqual([]);
  } finally {
    await tap.close();
  }
});

test.each([
  [['AUTH', 'app', 'first'], 'app'],
  [['auth', 'first'], 'default'],
  [['HELLO', '3', 'AUTH', 'app', 'first', 'SETNAME', 'x'], 'app'],
])('%j is a login of %s', (args, user) => {
  const bytes = encodeCommand(args);
  const conversation = protocol.open();
  expect(conversation.nextClientMessage(bytes)).toEqual({ length: bytes.length, kind: 'login', user });
  expect(conversation.readServer(Buffer.from('-WRONGPASS no\r\n'))).toBe('refused');
  conversation.nextClientMessage(bytes);
  expect(conversation.readServer(Buffer.from('+OK\r\n'))).toBe('logged-in');
});

test('what comes before the login, and the goodbye, are no statements', () => {
  const conversation = protocol.open();
  for (const args of [['PING'], ['HELLO', '3']]) {
    const bytes = encodeCommand(args);
    expect(conversation.nextClientMessage(bytes)).toEqual({ length: bytes.length, kind: 'other' });
    expect(conversation.readServer(Buffer.from('-NOAUTH\r\n'))).toBeUndefined();
  }
  conversation.nextClientMessage(encodeCommand(['AUTH', 'x']));
  conversation.readServer(Buffer.from('+OK\r\n'));
  expect(conversation.nextClientMessage(encodeCommand(['QUIT']))?.kind).toBe('other');
});

test('a message is known when its last byte is there, and not before', () => {
  const [one, two] = [encodeCommand(['AUTH', 'app', 'a\r\nb']), encodeCommand(['GET', 'x'])];
  const bytes = Buffer.concat([one, two]);
  const conversation = protocol.open();
  for (let length = 0; length < one.length; length += 1) {
    expect(conversation.nextClientMessage(bytes.subarray(0, length))).toBeUndefined();
  }
  expect(conversation.nextClientMessage(bytes)).toMatchObject({ length: one.length, user: 'app' });
});

test('TLS is told by the first byte', () => {
  expect(protocol.open().beforeTls(Buffer.from([0x16, 3, 1]))).toEqual({ length: 0, startsTls: true });
  expect(protocol.open().beforeTls(encodeCommand(['PING']))).toEqual({ length: 0, startsTls: false });
  expect(protocol.open().beforeTls(Buffer.alloc(0))).toBeUndefined();
});
