import { expect, it } from 'vitest';
import type { PageEntry } from '../src/page/page-wire.ts';
import { attemptsOf } from './rotations.ts';

const secretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db-abcdef';
const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate-db';

function event(name: string, at: number, attempt = 1): PageEntry {
  const details = { event: name, secretId, versionId: 'v2', functionArn, attempt };
  return { kind: 'rotation', eventType: 'AwsServiceEvent', at, ...details } as PageEntry;
}

function step(name: string, at: number, errorMessage?: string): PageEntry {
  const error = errorMessage === undefined ? {} : { error: { errorType: 'Error', errorMessage } };
  const outcome = errorMessage === undefined ? 'ok' : 'error';
  return { kind: 'step', secretId, step: name, token: 'v2', outcome, at, durationMs: 10, ...error };
}

function call(operation: string, at: number, more: object = {}): PageEntry {
  return { kind: 'call', operation, caller: 'rotate-db', secretId, outcome: 'ok', at, durationMs: 1, ...more };
}

const states = (entries: readonly PageEntry[]) =>
  attemptsOf(entries)
    .at(-1)
    ?.steps.map(({ state }) => state);

it('the step after the last one that is done is running', () => {
  expect(states([event('RotationStarted', 0)])).toEqual(['running', 'waiting', 'waiting', 'waiting']);
  expect(states([event('RotationStarted', 0), step('createSecret', 1)])).toEqual([
    'ok',
    'running',
    'waiting',
    'waiting',
  ]);
});

it('a rotation that has ended has no running step', () => {
  const failed = [event('RotationStarted', 0), step('createSecret', 1, 'no'), event('RotationFailed', 12)];
  expect(states(failed)).toEqual(['failed', 'waiting', 'waiting', 'waiting']);
  expect(attemptsOf(failed)).toMatchObject([{ outcome: 'failed', startedAt: 0, endedAt: 12 }]);
});

it('a retry is an attempt of its own', () => {
  const entries = [
    event('RotationStarted', 0),
    step('createSecret', 1, 'no'),
    event('RotationFailed', 12),
    event('RotationStarted', 13, 2),
    step('createSecret', 14),
  ];
  expect(attemptsOf(entries).map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'failed'],
    [2, 'running'],
  ]);
});

it('the function told why before its step ended, or only after the next attempt began', () => {
  const told = { kind: 'failure', functionName: 'rotate-db', secretId, versionId: 'v2', step: 'setSecret' } as const;
  const failure: PageEntry = { ...told, at: 5, code: 'login-failed', reason: 'refused', remedy: 'do this' };
  const start = [event('RotationStarted', 0), step('createSecret', 1)];
  const end = [step('setSecret', 5, '[login-failed] setSecret: refused. do this'), event('RotationFailed', 6)];
  const expected = { code: 'login-failed', message: 'refused', remedy: 'do this' };
  const early = attemptsOf([...start, failure, ...end]);
  expect(early[0]?.steps[1]).toMatchObject({ state: 'failed', failure: expected });
  const late = attemptsOf([...start, ...end, event('RotationStarted', 7, 2), failure]);
  expect(late.map(({ steps }) => steps[1]?.failure)).toEqual([expected, undefined]);
});

it('without a log, the code is read from the head of the message', () => {
  const entries = [event('RotationStarted', 0), step('createSecret', 1, '[invalid-secret] createSecret: no host.')];
  expect(attemptsOf(entries)[0]?.steps[0]?.failure).toEqual({
    code: 'invalid-secret',
    message: 'createSecret: no host.',
  });
  const plain = [event('RotationStarted', 0), step('createSecret', 1, 'Task timed out')];
  expect(attemptsOf(plain)[0]?.steps[0]?.failure).toEqual({ message: 'Task timed out' });
});

it("the function's calls belong to it, those for a master secret too, and nobody else's", () => {
  const entries = [
    event('RotationStarted', 0),
    call('GetSecretValue', 1),
    call('GetSecretValue', 2, { secretId: 'arn:master' }),
    call('GetSecretValue', 3, { caller: 'page' }),
    event('RotationSucceeded', 4),
    call('DescribeSecret', 5),
  ];
  expect(attemptsOf(entries)[0]?.calls.map(({ at }) => at)).toEqual([1, 2]);
});

it('cancelled by a call, it has ended', () => {
  const entries = [event('RotationStarted', 0), call('CancelRotateSecret', 3, { caller: 'someone' })];
  expect(attemptsOf(entries)[0]).toMatchObject({ outcome: 'cancelled', endedAt: 4 });
});

it('a lone test has the one step', () => {
  const entries = [event('TestRotationStarted', 0), step('testSecret', 1), event('TestRotationSucceeded', 12)];
  expect(attemptsOf(entries)).toMatchObject([{ isTest: true, outcome: 'succeeded', steps: [{ name: 'testSecret' }] }]);
});

it('a timeline that begins in the middle of a rotation shows what comes after', () => {
  const entries = [step('setSecret', 1), event('RotationSucceeded', 2), event('RotationStarted', 3)];
  expect(attemptsOf(entries).map(({ startedAt }) => startedAt)).toEqual([3]);
});
