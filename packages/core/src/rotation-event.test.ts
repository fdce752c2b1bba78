import { expect, test } from 'vitest';
import { parseEvent } from './rotation-event.ts';

const event = { Step: 'createSecret', SecretId: 'arn:aws:secretsmanager:x', ClientRequestToken: 't' };

test('an event of Secrets Manager is read, with and without its RotationToken', () => {
  expect(parseEvent(event)).toEqual(event);
  expect(parseEvent({ ...event, RotationToken: 'r', Other: 1 })).toEqual({ ...event, RotationToken: 'r' });
});

test.each(['create_secret', 'CreateSecret', 'createsecret', 'toString', '', 'x'.repeat(3_000)])(
  'the step %j is unknown or no step',
  (Step) => {
    expect(() => parseEvent({ ...event, Step })).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/^(unknown-step|invalid-event)$/) }),
    );
  },
);

test.each([undefined, null, 'text', 7, [], [event]])('%j is no event', (value) => {
  expect(() => parseEvent(value)).toThrowError(expect.objectContaining({ code: 'invalid-event' }));
});

test('every missing and wrong field is named at once', () => {
  expect(() => parseEvent({ SecretId: 5, ClientRequestToken: '' })).toThrowError(
    expect.objectContaining({
      code: 'invalid-event',
      message: expect.stringMatching(/Step.*SecretId is not a string.*ClientRequestToken is empty/),
    }),
  );
});
