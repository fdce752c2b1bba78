import type { ErrorCode } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { codeOf, type Phase, socketError } from './errors.ts';

const context = { endpoint: 'db:5432', user: 'app' };
const nodeError = (code: string) => Object.assign(new Error('taint: text of the driver'), { code });

// What a test cannot bring about on one machine, besides what the other tests do.
const table: readonly (readonly [string, Phase, ErrorCode])[] = [
  ['ENOTFOUND', 'lookup', 'host-not-found'],
  ['EAI_AGAIN', 'lookup', 'host-not-found'],
  ['EHOSTUNREACH', 'connect', 'host-unreachable'],
  ['ENETUNREACH', 'connect', 'host-unreachable'],
  ['ETIMEDOUT', 'connect', 'connection-timed-out'],
  ['ECONNRESET', 'ask-for-tls', 'connection-lost'],
  ['ECONNRESET', 'tls', 'connection-lost'],
  ['EPROTO', 'tls', 'tls-failed'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'tls-failed'],
  ['CERT_NOT_YET_VALID', 'tls', 'tls-untrusted'],
  ['CERT_REVOKED', 'tls', 'tls-untrusted'],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'tls', 'tls-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'tls-untrusted'],
  ['UNSPECIFIED', 'tls', 'tls-untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls-wrong-host'],
];

describe('socketError', () => {
  test.each(table)('%s during %s is %s', (driverCode, phase, code) => {
    const error = socketError(nodeError(driverCode), context, phase);
    expect(error).toMatchObject({ code, ...context });
    expect(error.message).not.toContain('taint');
  });

  test('an error without a code is a lost connection', () => {
    expect(socketError(new Error('taint'), context, 'login')).toMatchObject({ code: 'connection-lost' });
  });
});

test('a code that is not one word in capitals is none: it could be text', () => {
  expect(codeOf({ code: '28P01' })).toBe('28P01');
  for (const code of ['taint Password', '', 42, null, 'X'.repeat(100)]) expect(codeOf({ code })).toBeUndefined();
  expect(codeOf(null)).toBeUndefined();
});
