import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRequest } from '../service/double/messages.ts';
import { NotMongodb } from './errors.ts';
import { encodeCommand, readAnswer } from './messages.ts';

/** A request, turned into an answer to number 5. */
function answer(document: Readonly<Record<string, unknown>>): Buffer {
  const bytes = encodeCommand(9, 'admin', document);
  bytes.writeInt32LE(5, 8);
  return bytes;
}

test('what is written is what a strict server reads', () => {
  const bytes = encodeCommand(3, 'app', { usersInfo: 'x', filter: { a: 1 } });
  expect(readRequest(bytes)).toMatchObject({ length: bytes.length, request: { id: 3, database: 'app' } });
});

test('an answer is known when its last byte is there, and not before', () => {
  const bytes = answer({ ok: 1, text: 'é' });
  for (let length = 0; length < bytes.length; length += 1) {
    expect(readAnswer(bytes.subarray(0, length), 5, {})).toBeUndefined();
  }
  expect(readAnswer(bytes, 5, {})).toMatchObject({ ok: 1, text: 'é' });
});

const changed = (change: (bytes: Buffer) => void) => {
  const bytes = answer({ ok: 1 });
  change(bytes);
  return bytes;
};

test.each([
  ['a length of nothing', changed((bytes) => bytes.writeInt32LE(0, 0))],
  ['a length of a head alone', changed((bytes) => bytes.writeInt32LE(16, 0))],
  ['a negative length', changed((bytes) => bytes.writeInt32LE(-5, 0))],
  ['a length beyond every document', changed((bytes) => bytes.writeInt32LE(17_000_000, 0))],
  ['an answer to something else', changed((bytes) => bytes.writeInt32LE(6, 8))],
  ['another opcode', changed((bytes) => bytes.writeInt32LE(2012, 12))],
  ['a flag', changed((bytes) => bytes.writeUInt32LE(2, 16))],
  ['another kind of section', changed((bytes) => bytes.writeUInt8(1, 20))],
  ['two answers', Buffer.concat([answer({ ok: 1 }), answer({ ok: 1 })])],
  ['a document that is no BSON', changed((bytes) => bytes.fill(0x7e, 25, 26))],
])('%s is no answer', (_what, bytes) => {
  expect(() => readAnswer(bytes, 5, {})).toThrow(NotMongodb);
});

test('whatever bytes come, they are read, or refused, or waited for', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (noise, at) => {
      const bytes = answer({ ok: 1, users: [{ user: 'app' }] });
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      try {
        readAnswer(bytes, 5, {});
      } catch (error) {
        expect(error).toBeInstanceOf(NotMongodb);
      }
    }),
    { numRuns: 2000 },
  );
});
