import { Password } from '@keyturn/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { credentialOf } from '../service/double/credentials.ts';
import { SaslConversation } from '../service/double/sasl.ts';
import { emptyStore, withUser } from '../service/double/store.ts';
import { Binary } from '../service/index.ts';
import { NotMongodb } from './errors.ts';
import { Scram } from './scram.ts';

test('SCRAM-SHA-256 gives what RFC 7677 gives', async () => {
  const scram = new Scram('SCRAM-SHA-256', 'user', 'rOprNGfwEbeRWgbNEkqO');
  expect(scram.first.toString()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
  const server = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
  const final = await scram.final(Buffer.from(server), new Password('pencil'));
  expect(final.toString()).toBe(
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  );
  expect(() => scram.verify(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).not.toThrow();
  expect(() => scram.verify(Buffer.from('v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).toThrow(NotMongodb);
});

const ends = { client: '127.0.0.1', server: '127.0.0.1' };

test.each(['SCRAM-SHA-256', 'SCRAM-SHA-1'] as const)('%s logs in whatever name and password', async (mechanism) => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom(...',=aé🔑 "'), minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...'aZ0 ,=ﬁé漢"'), minLength: 1, maxLength: 8 }),
      async (user, password) => {
        const credentials = { [mechanism]: credentialOf(mechanism, user, password) };
        const store = withUser(emptyStore, { user, db: 'app', roles: [], credentials });
        const scram = new Scram(mechanism, user);
        const server = new SaslConversation({ store, offered: [mechanism], ends, longLogin: false }, 'app', {
          mechanism,
          payload: new Binary(scram.first),
          options: { skipEmptyExchange: true },
        });
        const proof = await scram.final(Buffer.from(server.challenge.payload.buffer), new Password(password));
        const answer = server.continue({ conversationId: 1, payload: new Binary(proof) });
        expect(answer.done).toBe(true);
        scram.verify(Buffer.from(answer.payload.buffer));
      },
    ),
    { numRuns: 30 },
  );
});

test.each([
  ['another nonce', 'r=other-than-ours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'],
  ['our nonce and nothing of its own', 'r=ours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'],
  ['no salt', 'r=ours+its,s=,i=4096'],
  ['too few iterations', 'r=ours+its,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095'],
  ['iterations without end', 'r=ours+its,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999'],
  ['iterations that are no number', 'r=ours+its,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096x'],
  ['nothing', ''],
])('a server that sends %s gets no proof', async (_what, first) => {
  const scram = new Scram('SCRAM-SHA-256', 'user', 'ours');
  await expect(scram.final(Buffer.from(first), new Password('pencil'))).rejects.toBeInstanceOf(NotMongodb);
});

test('a server’s proof before ours is none', () => {
  expect(() => new Scram('SCRAM-SHA-256', 'user').verify(Buffer.from('v='))).toThrow(NotMongodb);
});
