import { describe, expect, test } from 'vitest';
import { protocol, sslRequestCode } from './wire.ts';

const typed = (type: string, body: string | Buffer = '') => {
  const content = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
};
const untyped = (code: number, body = '') => {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, Buffer.from(body)]);
};
const sslRequest = untyped(sslRequestCode);
const startup = untyped(0x0003_0000, 'database\0app\0user\0we"ird\0\0');

/** What the conversation makes of the client's bytes: kinds, texts and users, in order. */
function read(bytes: Buffer, ...first: readonly Buffer[]) {
  const conversation = protocol.open();
  let rest = Buffer.concat([...first, bytes]);
  const messages: unknown[] = [];
  for (;;) {
    const message = conversation.nextClientMessage(rest);
    if (message === undefined) return { messages, rest: rest.length };
    const { length, ...told } = message;
    messages.push(told);
    rest = rest.subarray(length);
  }
}

describe('what the client sends', () => {
  test('TLS starts after a request for it, and after nothing else', () => {
    expect(protocol.open().beforeTls(sslRequest)).toEqual({ length: 8, startsTls: true });
    expect(protocol.open().beforeTls(startup)).toEqual({ length: 0, startsTls: false });
    expect(protocol.open().beforeTls(sslRequest.subarray(0, 7))).toBeUndefined();
  });

  test('the first message names the user; then come proofs, statements and the goodbye', () => {
    const bytes = Buffer.concat([typed('p', 'SCRAM-SHA-256\0'), typed('Q', 'SELECT 1\0'), typed('X')]);
    expect(read(bytes, startup)).toEqual({
      messages: [
        { kind: 'login', user: 'we"ird' },
        { kind: 'login' },
        { kind: 'statement', text: 'SELECT 1' },
        { kind: 'other' },
      ],
      rest: 0,
    });
  });

  test('a batch of the extended protocol is one statement, once it is whole', () => {
    const batch = [
      typed('P', '\0SELECT $1\0\0\0'),
      typed('B', '\0\0'),
      typed('D', 'P\0'),
      typed('E', '\0'),
      typed('S'),
    ];
    expect(read(Buffer.concat(batch), startup).messages[1]).toEqual({ kind: 'statement', text: 'SELECT $1' });
    expect(read(Buffer.concat(batch.slice(0, -1)), startup).messages).toHaveLength(1);
  });

  test('no message is read before it is whole, wherever it is cut', () => {
    const bytes = Buffer.concat([startup, typed('Q', 'SELECT 1\0')]);
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(read(bytes.subarray(0, cut)).messages).toHaveLength(cut < startup.length ? 0 : 1);
    }
  });
});

describe('what the server sends', () => {
  const authenticationOk = typed('R', Buffer.alloc(4));
  const ready = typed('Z', 'I');
  const refusal = typed('E', 'SFATAL\0C3D000\0\0');
  const outcomes = (...chunks: readonly Buffer[]) => {
    const conversation = protocol.open();
    return chunks.map((chunk) => conversation.readServer(chunk));
  };

  test('a login has succeeded when the server is ready, not before', () => {
    expect(outcomes(authenticationOk, typed('S', 'a\0b\0'), ready)).toEqual([undefined, undefined, 'logged-in']);
    expect(outcomes(authenticationOk, refusal)).toEqual([undefined, 'refused']);
  });

  test('is told once, and errors of statements are not', () => {
    expect(outcomes(authenticationOk, ready, refusal, ready)).toEqual([undefined, 'logged-in', undefined, undefined]);
  });

  test('is found wherever the bytes are cut', () => {
    const bytes = Buffer.concat([authenticationOk, ready]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(outcomes(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([undefined, 'logged-in']);
    }
  });
});
