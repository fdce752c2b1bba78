import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RotationError } from './errors.ts';
import { readIssuedSecret } from './issued-secret.ts';
import { Redactor } from './redact.ts';
import type { Rotation } from './rotation.ts';

const keys = { id: 'KeyId', secret: 'Key', user: 'User', idPattern: /^\w{4,20}$/ };
const seed = Date.now() % 2 ** 31;

function read(value: unknown, redactor = new Redactor()): unknown {
  const version = { versionId: 'v', labels: [], text: JSON.stringify(value) };
  try {
    return readIssuedSecret(version, keys, { redactor } as Rotation, 'AWSCURRENT');
  } catch (error) {
    return error;
  }
}

test('every wrong key is named in one error, and none of their values', () => {
  const wrong = fc.constantFrom(undefined, '', 7, null, { nested: 'value' });
  fc.assert(
    fc.property(wrong, wrong, fc.constantFrom('', 7, null), (KeyId, Key, User) => {
      const error = read({ KeyId, Key, User });
      expect(error).toMatchObject({ code: 'invalid-secret', stage: 'AWSCURRENT' });
      const { message } = error as RotationError;
      for (const key of ['KeyId', 'Key', 'User']) expect(message).toMatch(new RegExp(`\\b${key} (is|has|must)`));
    }),
    { seed },
  );
});

test('an id that the service cannot have made is refused, and the error does not repeat it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), (id) => {
      fc.pre(!keys.idPattern.test(id));
      const error = read({ KeyId: id, Key: 'the secret of nobody' });
      expect(error).toMatchObject({ code: 'invalid-secret' });
      expect((error as RotationError).details.message).toBe(
        'the secret has wrong keys: KeyId is no id of a credential',
      );
    }),
    { seed },
  );
});

test('the secret is masked from then on, also where another key is wrong', () => {
  const redactor = new Redactor();
  expect(read({ Key: 'the secret of nobody' }, redactor)).toBeInstanceOf(RotationError);
  expect(redactor.redact('says the secret of nobody')).toBe('says [redacted]');
});
