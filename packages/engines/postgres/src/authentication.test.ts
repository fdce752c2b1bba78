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
});
