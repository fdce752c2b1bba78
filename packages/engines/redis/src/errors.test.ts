import { inspect } from 'node:util';
import { type Activity, RefusedCertificate } from '@keyturn/connection';
import { limits, loginTo, markedPassword, secretsIn } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startRedis } from '../service/index.ts';
import { Refusal, toRotationError } from './errors.ts';
import { redis } from './index.ts';

const seed = Math.floor(Math.random() * 2 ** 31);
console.log(`fast-check seed ${seed}`);

test('whatever the server or a socket reports, nothing of its text is taken over', () => {
  const secret = 'MARK-OF-A-SECRET';
  const words = ['ERR', 'WRONGPASS', 'NOPERM', 'NOAUTH', 'LOADING', 'READONLY', 'DENIED', 'MISCONF', secret, ''];
  const refusal = fc
    .tuple(fc.constantFrom(...words), fc.constantFrom(secret, 'unknown command', 'max number of clients', ''))
    .map(([word, rest]) => new Refusal(`${word} ${rest} ${secret}`));
  const socket = fc
    .constantFrom('ECONNRESET', 'EPROTO', 'EAI_AGAIN', secret, undefined)
    .map((code) => Object.assign(new Error(secret), { code, cause: secret, args: ['AUTH', secret] }));
  const activity = fc.constantFrom<Activity>('connect', 'tls', 'login', 'statement');
  fc.assert(
    fc.property(fc.oneof(refusal, socket), activity, (report, doing) => {
      const command = ['ACL', 'SETUSER', 'app', `#${secret}`];
      const failure = toRotationError(report, doing, { endpoint: 'cache:6379', user: 'app' }, command);
      expect(secretsIn(failure, secret)).toEqual([]);
      expect(failure.cause).toBeUndefined();
    }),
    { seed, numRuns: 1_000 },
  );
});

test('a certificate that is refused without a reason is untrusted', () => {
  const failure = toRotationError(new RefusedCertificate('CERT_REJECTED'), 'tls', { endpoint: 'a:1', user: 'app' });
  expect(failure).toMatchObject({ code: 'tls-untrusted', driverCode: 'CERT_REJECTED' });
});

test('a name with control characters is printed without them', () => {
  const where = { endpoint: 'cache:6379', user: 'app\x1b[31m' };
  const failure = toRotationError(new Refusal('NOPERM no'), 'statement', where, ['ACL', 'SAVE']);
  for (const printed of [failure.message, failure.remedy]) {
    expect(printed).toContain('app\\u001b[31m');
    expect(printed).not.toContain('\x1b');
  }
  expect(failure.remedy).toContain('+acl|save');
});

test('a connection shows no password when it is printed', async () => {
  const server = await startRedis();
  try {
    const password = markedPassword();
    await server.createUser('app', password);
    const connection = await redis().connect(loginTo(server, 'app', password), limits());
    expect(inspect(connection, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(password);
    expect(JSON.stringify(connection)).not.toContain(password);
    await redis().close(connection);
  } finally {
    await server.stop();
  }
});
