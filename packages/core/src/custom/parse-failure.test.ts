import * as v from 'valibot';
import { expect, test } from 'vitest';
import { faultsIn } from './parse-failure.ts';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const value = { url: 5, username: 'value-of-username', deep: { list: ['value-in-list'] } };

test('every key that a valibot schema refuses is named, and no value', () => {
  const schema = v.object({
    url: v.string(),
    username: v.pipe(v.string(), v.email()),
    apiKey: v.string(),
    deep: v.object({ list: v.array(v.number()) }),
  });
  const error = thrownBy(() => v.parse(schema, value));
  // The control: the schema's own message quotes what it refuses.
  expect(JSON.stringify((error as v.ValiError<typeof schema>).issues)).toContain('value-of-username');
  expect(faultsIn(error, value)).toEqual([
    'url is wrong',
    'username is wrong',
    'apiKey is missing',
    'deep.list.0 is wrong',
  ]);
});

test('the issues of zod: a path of names, and the keys that a strict schema does not know', () => {
  const issues = [
    { code: 'invalid_type', path: ['apiKey'], message: 'Invalid input: expected string, received undefined' },
    { code: 'unrecognized_keys', path: ['deep'], keys: ['list', 'other one'], message: 'Unrecognized keys' },
    { code: 'custom', path: [], message: 'value-of-username' },
  ];
  expect(faultsIn(Object.assign(new Error(JSON.stringify(issues)), { issues }), value)).toEqual([
    'apiKey is missing',
    'deep.list is unknown',
    'deep."other one" is unknown',
    'the secret as a whole is wrong',
  ]);
});

test('an error of somebody’s own is told without the values of the secret', () => {
  expect(faultsIn(new Error('username value-of-username is no address; value-in-list'), value)).toEqual([
    'username [redacted] is no address; [redacted]',
  ]);
});

test('what is no error says nothing of itself', () => {
  expect(faultsIn({ value }, value)).toEqual(['parseSecret threw something that is no error']);
});

test('a hostile key cannot break a line, and a hundred faults are not told', () => {
  const issues = Array.from({ length: 100 }, (_, i) => ({ path: [`a\n${i}`] }));
  const faults = faultsIn({ issues }, value);
  expect(faults).toHaveLength(20);
  expect(faults[0]).toBe('"a\\n0" is missing');
});
