import type { FailureEntry, LoginEntry } from '../src/functions/function-log.ts';
import type { PageEntry } from '../src/page/page-wire.ts';
import type { CallEntry, RotationEntry, StepEntry } from '../src/timeline/entries.ts';
import { functionName } from './format.ts';

/** Why a step failed, as far as it is known. */
interface Failure {
  /** Of a function that says it. */
  readonly code?: string;
  readonly message: string;
  readonly remedy?: string;
}

/** One step of an attempt. */
export interface StepProgress {
  readonly name: string;
  state: 'waiting' | 'running' | 'ok' | 'failed';
  at?: number;
  durationMs?: number;
  failure?: Failure;
}

/** One try at a rotation, with what its function did meanwhile. */
export interface Attempt {
  readonly key: string;
  readonly secretId: string;
  readonly versionId: string;
  readonly functionName: string;
  /** 1 for the first. */
  readonly number: number;
  readonly isTest: boolean;
  readonly startedAt: number;
  endedAt?: number;
  outcome: 'running' | 'succeeded' | 'failed' | 'abandoned' | 'cancelled';
  readonly steps: readonly StepProgress[];
  readonly calls: CallEntry[];
  readonly logins: LoginEntry[];
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const outcomes: Readonly<Record<string, Attempt['outcome']>> = {
  RotationSucceeded: 'succeeded',
  RotationFailed: 'failed',
  RotationAbandoned: 'abandoned',
  TestRotationSucceeded: 'succeeded',
  TestRotationFailed: 'failed',
};

/** The attempts at rotations that the timeline tells of, the oldest first. */
export function attemptsOf(entries: readonly PageEntry[]): Attempt[] {
  const attempts: Attempt[] = [];
  const running = new Map<string, Attempt>();
  for (const entry of entries) {
    switch (entry.kind) {
      case 'rotation':
        takeEvent(entry, attempts, running);
        break;
      case 'step':
        takeStep(entry, attempts);
        break;
      case 'call':
        takeCall(entry, running);
        break;
      case 'login':
        attemptOf(entry, attempts)?.logins.push(entry);
        break;
      case 'failure':
        takeFailure(entry, attempts);
    }
  }
  return attempts;
}

function takeEvent(entry: RotationEntry, attempts: Attempt[], running: Map<string, Attempt>): void {
  const { event, secretId, versionId, attempt: number, at } = entry;
  const isTest = event.startsWith('Test');
  if (event.endsWith('Started')) {
    const names = isTest ? ['testSecret'] : STEPS;
    const attempt: Attempt = {
      key: `${versionId} ${number} ${at}`,
      ...{ secretId, versionId, number, isTest },
      functionName: functionName(entry.functionArn),
      startedAt: at,
      outcome: 'running',
      steps: names.map((name, index) => ({ name, state: index === 0 ? 'running' : 'waiting' })),
      calls: [],
      logins: [],
    };
    attempts.push(attempt);
    running.set(secretId, attempt);
    return;
  }
  const attempt = attempts.findLast((each) => each.secretId === secretId && each.versionId === versionId);
  if (attempt !== undefined) end(attempt, outcomes[event] ?? 'failed', at);
  if (running.get(secretId) === attempt) running.delete(secretId);
}

function end(attempt: Attempt, outcome: Attempt['outcome'], at: number): void {
  attempt.outcome = outcome;
  attempt.endedAt = at;
  for (const step of attempt.steps) if (step.state === 'running') step.state = 'waiting';
}

function takeStep({ secretId, token, step: name, outcome, at, durationMs, error }: StepEntry, all: Attempt[]): void {
  const attempt = all.findLast((each) => each.secretId === secretId && each.versionId === token);
  const index = attempt?.steps.findIndex((each) => each.name === name) ?? -1;
  const step = attempt?.steps[index];
  if (attempt === undefined || step === undefined) return;
  step.state = outcome === 'ok' ? 'ok' : 'failed';
  step.at = at;
  step.durationMs = durationMs;
  if (error !== undefined) step.failure ??= told(error.errorMessage || error.errorType);
  const next = attempt.steps[index + 1];
  if (next !== undefined && outcome === 'ok' && attempt.outcome === 'running') next.state = 'running';
}

// A function may name a code at the head of its message, and nobody knows where its remedy begins.
function told(message: string): Failure {
  const [, code, rest] = /^\[([a-z0-9-]+)\] (.*)$/s.exec(message) ?? [];
  return code === undefined ? { message } : { code, message: rest ?? '' };
}

function takeCall(entry: CallEntry, running: Map<string, Attempt>): void {
  const { operation, outcome, caller, secretId = '', at, durationMs } = entry;
  const own = running.get(secretId);
  if (own !== undefined && operation === 'CancelRotateSecret' && outcome === 'ok') {
    end(own, 'cancelled', at + durationMs);
    running.delete(secretId);
    return;
  }
  if (own !== undefined) {
    if (own.functionName === caller) own.calls.push(entry);
    return;
  }
  // Of another secret that does not rotate itself: the master secret, most likely.
  for (const attempt of running.values()) if (attempt.functionName === caller) attempt.calls.push(entry);
}

function takeFailure(entry: FailureEntry, attempts: readonly Attempt[]): void {
  const { step: name, code, reason, remedy, user, endpoint, stage, driverCode } = entry;
  const who = user === undefined ? '' : ` as user "${user}"`;
  const context = [endpoint === undefined ? '' : ` at ${endpoint}`, who, stage === undefined ? '' : ` with ${stage}`];
  const failure: Failure = {
    code,
    message: `${reason ?? 'the step failed'}${context.join('')}${driverCode === undefined ? '' : ` (${driverCode})`}`,
    ...(remedy === undefined ? {} : { remedy }),
  };
  // The log may arrive before the step's own end, or after the next attempt has begun.
  const steps = attempts
    .filter(({ secretId, versionId }) => secretId === entry.secretId && versionId === entry.versionId)
    .flatMap((attempt) => attempt.steps.filter((step) => step.name === name));
  const step = steps.find((each) => each.state === 'failed' && each.failure?.remedy === undefined) ?? steps.at(-1);
  if (step !== undefined) step.failure = failure;
}

function attemptOf({ secretId, versionId }: LoginEntry, attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.findLast((each) => each.secretId === secretId && each.versionId === versionId);
}
