import { Password } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { AuthenticationWatch } from './authentication.ts';
import type { AuthenticationRules } from './authentication-rules.ts';

const where = { endpoint: 'localhost:5432', user: 'app' };
const rules: AuthenticationRules = {
  accepts: ['cleartext', 'md5', 'scram-sha-256'],
  remedy: 'Ask for scram-sha-256.',
};
const watchOf = (plaintext: boolean, more: Partial<AuthenticationRules> = {}) =>
  new AuthenticationWatch(where, { ...rules, ...more }, new Password('taint-watch'), plaintext);

/** An authentication request of the server: its type, its length, its number, and what goes with it. */
function authentication(code: number, rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.write('R', 0, 'latin1');
  head.writeInt32BE(8 + rest.length, 1);
  head.writeInt32BE(code, 5);
  return Buffer.concat([head, rest]);
}
const scram = authentication(10, Buffer.from('SCRAM-SHA-256\0\0'));
const saslContinue = authentication(11, Buffer.from('r=x'));
const saslFinal = authentication(12, Buffer.from('v=x'));
const ok = authentication(0);
const cleartext = authentication(3);
const md5 = authentication(5, Buffer.from('salt'));

const outcome = (plaintext: boolean, ...messages: readonly Buffer[]) => {
  const watch = watchOf(plaintext);
  return messages.map((message) => watch.read(message).refusal?.code ?? 'passed').at(-1);
};

describe('AuthenticationWatch', () => {
  test('lets the driver answer SCRAM and MD5, and clear text over TLS', () => {
    expect(outcome(true, scram, saslContinue, saslFinal, ok)).toBe('passed');
    expect(outcome(true, md5, ok)).toBe('passed');
    expect(outcome(false, cleartext, ok)).toBe('passed');
  });

  test('stops clear text without TLS', () => {
    expect(outcome(true, cleartext)).toBe('auth-method-unsupported');
  });

  test.each([
    ['clear text after SCRAM', [scram, cleartext]],
    ['clear text after the login', [scram, saslContinue, saslFinal, ok, cleartext]],
    ['a second salt', [md5, md5]],
    ['a login without the proof of the server', [scram, saslContinue, ok]],
  ])('stops %s', (_name, messages) => {
    expect(outcome(true, ...messages)).toBe('connection-lost');
    expect(outcome(false, ...messages)).toBe('connection-lost');
  });

  test('reads messages however they are cut', () => {
    const watch = watchOf(true);
    const bytes = [...Buffer.concat([scram, saslContinue, cleartext])];
    const refusals = bytes
      .map((byte) => watch.read(Buffer.from([byte])).refusal)
      .filter((refusal) => refusal !== undefined);
    expect(refusals).toHaveLength(1);
  });

  test('skips what is no request, however long and however cut, and finds the request after it', () => {
    const row = Buffer.alloc(900_000);
    row.write('D', 0, 'latin1');
    row.writeInt32BE(row.length - 1, 1);
    for (const size of [7, 4_096, 899_999]) {
      const watch = watchOf(true);
      const bytes = Buffer.concat([scram, saslContinue, row, cleartext]);
      const refusals: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size)
        refusals.push(watch.read(bytes.subarray(at, at + size)).refusal?.code);
      expect(refusals.filter((code) => code !== undefined)).toEqual(['connection-lost']);
      expect(refusals.at(-1)).toBe('connection-lost');
    }
  });

  test('takes long answers from a server that has let the user in, and from no other', () => {
    const head = (length: number) => {
      const bytes = Buffer.alloc(5);
      bytes.write('D', 0, 'latin1');
      bytes.writeInt32BE(length, 1);
      return bytes;
    };
    expect(outcome(true, head(2_000_000))).toBe('connection-lost');
    expect(outcome(true, scram, saslContinue, head(2_000_000))).toBe('connection-lost');
    expect(outcome(true, scram, saslContinue, saslFinal, ok, head(2_000_000))).toBe('passed');
    expect(outcome(true, scram, saslContinue, saslFinal, ok, head(65_000_000))).toBe('connection-lost');
  });
});

describe('a way to prove the password that the driver does not speak', () => {
  const own = authentication(13, Buffer.from('challenge'));
  const rulesWith = (answer: 'answered' | 'malformed' | 'refused') => ({
    accepts: [],
    own: new Map([
      [
        13,
        {
          answer: (challenge: Buffer, password: Password) =>
            answer === 'answered'
              ? Buffer.from(`${challenge} ${password.reveal()}`)
              : answer === 'refused'
                ? { refused: 'why' }
                : undefined,
        },
      ],
    ]),
  });

  test('is answered here, and the driver sees nothing of the request, however it is cut', () => {
    const bytes = Buffer.concat([own, ok]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const watch = watchOf(true, rulesWith('answered'));
      const readings = [bytes.subarray(0, cut), bytes.subarray(cut)].map((part) => watch.read(part));
      expect(Buffer.concat(readings.map(({ pass }) => pass))).toEqual(ok);
      expect(Buffer.concat(readings.map(({ answer }) => answer ?? Buffer.alloc(0))).toString()).toBe(
        'challenge taint-watch',
      );
      expect(watch.asked).toBe(13);
    }
  });

  test.each([
    ['malformed', 'connection-lost'],
    ['refused', 'auth-method-unsupported'],
  ] as const)('that is %s ends the login: %s', (answer, code) => {
    expect(watchOf(true, rulesWith(answer)).read(own).refusal).toMatchObject({ code });
  });

  test('is asked for once, and followed by nothing but the end of it', () => {
    for (const next of [own, cleartext, md5, scram]) {
      const watch = watchOf(true, { ...rulesWith('answered'), accepts: ['md5', 'cleartext'] });
      watch.read(own);
      expect(watch.read(next).refusal).toMatchObject({ code: 'connection-lost' });
    }
  });

  test('is unsupported where the product has none, as is what the product does not accept', () => {
    for (const request of [own, cleartext, md5, scram]) {
      expect(watchOf(false, { accepts: [] }).read(request).refusal).toMatchObject({ code: 'auth-method-unsupported' });
    }
  });
});
