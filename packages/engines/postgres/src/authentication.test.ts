import { authentication } from '@keyturn/service-postgres';
import { describe, expect, test } from 'vitest';
import { AuthenticationWatch } from './authentication.ts';

const context = { endpoint: 'localhost:5432', user: 'app' };
const scram = authentication(10, Buffer.from('SCRAM-SHA-256\0\0'));
const saslContinue = authentication(11, Buffer.from('r=x'));
const saslFinal = authentication(12, Buffer.from('v=x'));
const ok = authentication(0);
const cleartext = authentication(3);
const md5 = authentication(5, Buffer.from('salt'));

const outcome = (plaintext: boolean, ...messages: readonly Buffer[]) => {
  const watch = new AuthenticationWatch(context, plaintext);
  return messages.map((message) => watch.read(message)?.code ?? 'passed').at(-1);
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
    const watch = new AuthenticationWatch(context, true);
    const bytes = [...Buffer.concat([scram, saslContinue, cleartext])];
    const refusals = bytes.map((byte) => watch.read(Buffer.from([byte]))).filter((refusal) => refusal !== undefined);
    expect(refusals).toHaveLength(1);
  });

  test('skips what is no request, however long and however cut, and finds the request after it', () => {
    const row = Buffer.alloc(900_000);
    row.write('D', 0, 'latin1');
    row.writeInt32BE(row.length - 1, 1);
    for (const size of [7, 4_096, 899_999]) {
      const watch = new AuthenticationWatch(context, true);
      const bytes = Buffer.concat([scram, saslContinue, row, cleartext]);
      const refusals: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) refusals.push(watch.read(bytes.subarray(at, at + size))?.code);
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
