import { expect, it } from 'vitest';
import { logLine, printable } from './log-line.ts';

const plain = (_color: string, text: string): string => text;
const secretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db-a1B2c3';
const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

it('a call is one line with who made it and how long it took', () => {
  const call = {
    kind: 'call',
    at,
    operation: 'GetSecretValue',
    secretId,
    caller: 'rotate-db',
    outcome: 'ok',
    durationMs: 1.23,
  };
  expect(logLine(call, plain)).toBe('03:04:05.007  call     GetSecretValue            shop/db  by rotate-db  1.2 ms');
});

it('a call that went wrong says how, and which fault did it', () => {
  const call = {
    kind: 'call',
    at,
    operation: 'PutSecretValue',
    caller: 'x',
    outcome: 'dropped',
    durationMs: 1500,
    fault: 'drop after',
  };
  expect(logLine(call, plain)).toBe(
    '03:04:06.506  call     PutSecretValue            by x  dropped  fault: drop after  1.5 s',
  );
});

it('labels are told by what moved', () => {
  const labels = { AWSCURRENT: '22222222-x', AWSPREVIOUS: '11111111-x', KEPT: '11111111-x' };
  const before = { AWSCURRENT: '11111111-x', AWSPENDING: '22222222-x', KEPT: '11111111-x' };
  expect(logLine({ kind: 'labels', at, secretId, labels, before }, plain)).toBe(
    '03:04:05.006  labels   AWSCURRENT → 22222222, AWSPREVIOUS → 11111111, AWSPENDING off  shop/db',
  );
});

it('whatever a function or a client writes, a line stays one line and moves no cursor', () => {
  expect(printable('a\u001b[31mred\u001b[0m\r\nb\u0007c\u0085d\u009b2Je')).toBe('ared  b c de');
  const log = { kind: 'log', at, functionName: 'f', stream: 'stdout', text: 'one\n\u001b]0;title\u0007two' };
  expect(logLine(log, plain)).not.toMatch(/\p{Cc}/u);
});

it('an entry of a kind that nobody foresaw is told by its kind', () => {
  expect(logLine({ kind: 'something', at }, plain)).toBe('03:04:05.006  something');
});
