import { RESP_TYPES } from '@redis/client';
import { Decoder } from '@redis/client/dist/lib/RESP/decoder.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCommand } from '../service/wire.ts';
import { encodeCommand, type Reply, ReplyReader } from './resp.ts';

const seed = Math.floor(Math.random() * 2 ** 31);
console.log(`fast-check seed ${seed}`);
const assertAll = <T>(property: fc.IProperty<T>) => fc.assert(property, { seed, numRuns: 500 });

const line = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => !/[\r\n]/.test(text) && text.isWellFormed());
const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((one) => one.isWellFormed());

/** An answer, as it goes over the wire. */
const { reply } = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4 },
    line.map((one) => `+${one}\r\n`),
    fc.integer().map((one) => `:${one}\r\n`),
    text.map((one) => `$${Buffer.byteLength(one)}\r\n${one}\r\n`),
    fc.constantFrom('$-1\r\n', '*-1\r\n', '*0\r\n', '$0\r\n\r\n'),
    fc.array(tie('reply'), { maxLength: 5 }).map((list) => `*${list.length}\r\n${list.join('')}`),
  ),
}));

/** What the driver's own reader makes of it. */
function readByDriver(wire: Buffer): unknown[] {
  const replies: unknown[] = [];
  const decoder = new Decoder({
    onReply: (one: unknown) => replies.push(one),
    onErrorReply: (one: Error) => replies.push({ error: one.message }),
    onPush: () => replies.push('push'),
    getTypeMapping: () => ({ [RESP_TYPES.BLOB_STRING]: String, [RESP_TYPES.NUMBER]: Number }),
  } as never);
  decoder.write(wire);
  return replies;
}

describe('answers', () => {
  test('are read as the driver reads them', () => {
    const error = line.map((one) => `-ERR ${one}\r\n`);
    assertAll(
      fc.property(fc.array(fc.oneof(reply, error), { maxLength: 4 }), (wires) => {
        const wire = Buffer.from(wires.join(''));
        expect(new ReplyReader().read(wire)).toEqual(readByDriver(wire));
      }),
    );
  });

  test('are the same in whatever pieces they come', () => {
    assertAll(
      fc.property(
        fc.array(reply, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (wires, cuts) => {
          const wire = Buffer.from(wires.join(''));
          const ends = [...cuts.filter((cut) => cut < wire.length).toSorted((a, b) => a - b), wire.length];
          const reader = new ReplyReader();
          const pieces = ends.map((end, at) => wire.subarray(ends[at - 1] ?? 0, end));
          expect(pieces.flatMap((piece) => reader.read(piece))).toEqual(new ReplyReader().read(wire));
        },
      ),
    );
  });

  test('of any other bytes are an error or nothing, and nothing is waited for that is too long', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.constantFrom('*', '$', ':', '-', '+', '\r\n', '3', '99999999999', '-1', 'x', '>', '%'), {
          maxLength: 20,
        })
        .map((parts) => Buffer.from(parts.join(''))),
    );
    assertAll(
      fc.property(noise, (wire) => {
        const read = (): readonly (Reply | object)[] => new ReplyReader().read(wire);
        try {
          expect(Array.isArray(read())).toBe(true);
        } catch (error) {
          expect((error as Error).message).toBe('no answer of Redis');
        }
      }),
    );
  });

  test.each([
    '$262145\r\n',
    '*262145\r\n',
    `+${'x'.repeat(65_537)}`,
    `${'*1\r\n'.repeat(9)}`,
    ':1.5\r\n',
    '$1\r\nab\r\n',
  ])('like %.20j are refused before they are whole', (wire) => {
    expect(() => new ReplyReader().read(Buffer.from(wire))).toThrow('no answer of Redis');
  });

  test('of the longest kind are read', () => {
    const long = 'x'.repeat(262_000);
    expect(new ReplyReader().read(Buffer.from(`$${long.length}\r\n${long}\r\n`))).toEqual([long]);
  });
});

test('a command reaches the server as it is, whatever its arguments hold', () => {
  const hostile = fc.constantFrom('\r\n', '$4\r\nQUIT\r\n', '*1\r\n', '"', '');
  assertAll(
    fc.property(fc.array(fc.oneof(text, hostile), { minLength: 1, maxLength: 6 }), (args) => {
      const wire = encodeCommand(args);
      expect(readCommand(wire)).toEqual({ length: wire.length, args });
    }),
  );
});
