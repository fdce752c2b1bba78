import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningSqlServer } from '../running-sqlserver.ts';
import { startSqlServer } from '../sqlserver-double.ts';
import { openDriver, runOn } from '../test-login.ts';
import { serverMessage } from './message-reader.ts';
import { encryption, preloginAnswer } from './prelogin.ts';

const packet = (type: number, payload: Buffer, { status = 1, length = payload.length + 8 } = {}) => {
  const header = Buffer.from([type, status, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
};
/** A client's PRELOGIN without TLS: the server's answer has the same form. */
const prelogin = serverMessage(preloginAnswer(encryption.notSupported), 4096, 0x12);

/** A LOGIN7 without TLS, for a user with this password; fields can be spoilt. */
function login7(user: string, password: string, spoil: (bytes: Buffer) => Buffer = (bytes) => bytes): Buffer {
  const texts = ['host', user, password, 'app', 'server', '', '', '', 'app'];
  const fixed = Buffer.alloc(94);
  fixed.writeUInt32LE(0x74000004, 4);
  fixed.writeUInt32LE(4096, 8);
  let at = 94;
  const data = texts.map((text, index) => {
    fixed.writeUInt16LE(at, 36 + index * 4);
    fixed.writeUInt16LE(text.length, 38 + index * 4);
    const bytes = Buffer.from(text, 'utf16le');
    at += bytes.length;
    return index === 2 ? Buffer.from(bytes.map((byte) => (((byte << 4) | (byte >> 4)) & 0xff) ^ 0xa5)) : bytes;
  });
  const all = Buffer.concat([fixed, ...data]);
  all.writeUInt32LE(all.length, 0);
  return packet(0x10, spoil(all));
}

const spoilt = (at: number, value: number) => (bytes: Buffer) => {
  bytes.writeUInt32LE(value, at);
  return bytes;
};

describe('the double of SQL Server', () => {
  let server: RunningSqlServer;
  beforeAll(async () => {
    server = await startSqlServer();
    await server.createUser('raw', 'Raw-password-1');
  });
  afterAll(() => server?.stop());

  /** Sends the pieces one after another, each when the one before is answered. @returns all answers; ends with the connection */
  async function send(...pieces: readonly Buffer[]): Promise<{ readonly answers: Buffer; readonly hungUp: boolean }> {
    const socket = connect({ host: '127.0.0.1', port: server.port });
    await once(socket, 'connect');
    const got: Buffer[] = [];
    let hungUp = false;
    const over = once(socket, 'close').then(() => {
      hungUp = true;
    });
    socket.on('error', () => {});
    for (const piece of pieces) {
      const answer = once(socket, 'data').then(([bytes]) => got.push(bytes));
      answer.catch(() => {});
      socket.write(piece);
      await Promise.race([answer, over]);
    }
    const ended = hungUp;
    socket.destroy();
    return { answers: Buffer.concat(got), hungUp: ended };
  }

  const batch = (sql: string, headers = Buffer.from('16000000120000000200000000000000000001000000', 'hex')) =>
    packet(1, Buffer.concat([headers, Buffer.from(sql, 'utf16le')]));
  const good = () => login7('raw', 'Raw-password-1');

  const wrong: readonly (readonly [name: string, pieces: () => readonly Buffer[]])[] = [
    ['text of another protocol', () => [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['a login before PRELOGIN', () => [good()]],
    ['a packet of an unknown type', () => [packet(0x55, Buffer.alloc(4))]],
    ['a packet with an unknown status', () => [packet(0x12, prelogin.subarray(8), { status: 0x81 })]],
    ['a packet that is shorter than its header', () => [packet(0x12, Buffer.alloc(0), { length: 7 })]],
    ['a PRELOGIN without an end', () => [packet(0x12, Buffer.from([0, 0, 6, 0, 6]))]],
    ['a PRELOGIN that does not begin with VERSION', () => [packet(0x12, Buffer.from([1, 0, 6, 0, 1, 0xff, 2]))]],
    ['a PRELOGIN option beyond its message', () => [packet(0x12, Buffer.from([0, 0, 6, 0, 99, 0xff, 1, 2]))]],
    ['more than a PRELOGIN before its answer', () => [Buffer.concat([prelogin, Buffer.from([0x10, 1])])]],
    ['a batch in the place of a login', () => [prelogin, batch('SELECT 1 AS one')]],
    ['a LOGIN7 with a wrong length', () => [prelogin, login7('raw', 'Raw-password-1', spoilt(0, 5))]],
    ['a LOGIN7 of an old version', () => [prelogin, login7('raw', 'Raw-password-1', spoilt(4, 0x71000001))]],
    [
      'a LOGIN7 with a field beyond its message',
      () => [prelogin, login7('raw', 'Raw-password-1', spoilt(40, 0x0003ffff))],
    ],
    ['a LOGIN7 cut off', () => [prelogin, login7('raw', 'Raw-password-1', (bytes) => bytes.subarray(0, 60))]],
    ['a batch without headers', () => [prelogin, good(), packet(1, Buffer.from([1, 0]))]],
    [
      'a batch that names no transaction',
      () => [prelogin, good(), batch('SELECT 1 AS one', Buffer.from([4, 0, 0, 0]))],
    ],
    [
      'a batch of half a character',
      () => [prelogin, good(), packet(1, Buffer.concat([batch('').subarray(8), Buffer.from([65])]))],
    ],
    [
      'a call of an unknown procedure',
      () => [prelogin, good(), packet(3, Buffer.concat([batch('').subarray(8), Buffer.alloc(12)]))],
    ],
    ['a second login', () => [prelogin, good(), good()]],
  ];

  test.each(wrong)('hangs up on %s', async (_name, pieces) => {
    const { hungUp } = await send(...pieces());
    expect(hungUp).toBe(true);
  });

  test('control: the same bytes, unspoilt, log in and are answered', async () => {
    const { answers, hungUp } = await send(prelogin, good(), batch('SELECT 1 AS one'));
    expect(hungUp).toBe(false);
    expect(answers.includes(Buffer.from('Microsoft SQL Server', 'utf16le'))).toBe(true);
    expect(answers.includes(Buffer.from('one', 'utf16le'))).toBe(true);
  });

  test('a wrong password is refused, and counted', async () => {
    const before = await server.refusedLogins('raw');
    const { answers } = await send(prelogin, login7('raw', 'Raw-password-2'));
    expect(answers.includes(Buffer.from("Login failed for user 'raw'.", 'utf16le'))).toBe(true);
    expect(await server.refusedLogins('raw')).toBe(before + 1);
  });

  test('a request with the transaction of somebody else is refused: 3989', async () => {
    const headers = Buffer.from('16000000120000000200070000000000000001000000', 'hex');
    const { answers } = await send(prelogin, good(), batch('SELECT 1 AS one', headers));
    expect(answers.readInt32LE(answers.lastIndexOf(0xaa) + 3)).toBe(3989);
  });

  test('no noise brings it down', { timeout: 60_000 }, async () => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('first', 'after PRELOGIN', 'after the login'), noise, async (when, bytes) => {
        const socket = connect({ host: '127.0.0.1', port: server.port });
        await once(socket, 'connect');
        socket.on('error', () => {});
        const before = { first: [], 'after PRELOGIN': [prelogin], 'after the login': [prelogin, good()] }[when];
        for (const piece of before) {
          socket.write(piece);
          await once(socket, 'data');
        }
        const over = new Promise((resolve) => socket.once('close', resolve));
        socket.end(bytes);
        await over;
      }),
      { numRuns: 60 },
    );
    const connection = await openDriver(server, 'raw', 'Raw-password-1');
    expect(await runOn(connection, 'SELECT 1 AS one')).toEqual([[1]]);
    connection.close();
  });
});
