import { expect, test } from 'vitest';
import { versionOf } from './server-version.ts';

test.each([
  ['5.6.24', '5.6.24'],
  ['5.7.44-rds.20240408-log', '5.7.44'],
  ['8.0.36', '8.0.36'],
  ['8.0.mysql_aurora.3.04.0', '8.0.23'],
  ['5.7.mysql_aurora.2.11.2', '5.7.12'],
  ['5.6.mysql_aurora.1.22.2', '5.6.10'],
  ['8.4.5', '8.4.5'],
  ['9.3.0-commercial', '9.3.0'],
  ['10.0.1', '10.0.1'],
])('%s is %s', (answer, text) => {
  expect(versionOf(answer).text).toBe(text);
});

test.each([
  ['8.0.9', '8.0.13', false],
  ['8.0.13', '8.0.13', true],
  ['8.0.100', '8.0.13', true],
  ['9.0.0', '8.0.13', true],
  ['5.10.0', '5.7.6', true],
  ['5.7.44', '8.0.0', false],
  ['10.0.0', '9.0.0', true],
])('%s is at least %s: %s', (answer, wanted, expected) => {
  expect(versionOf(answer).atLeast(wanted)).toBe(expected);
});

test.each(['5.5.62', '10.11.6-MariaDB-1', '5.5.5-10.6.12-MariaDB', '', 'TiDB', '8'])(
  '%s is no MySQL from 5.6 on',
  (answer) => {
    expect(() => versionOf(answer)).toThrow(expect.objectContaining({ code: 'statement-failed' }));
  },
);
