import { type Activity, type Cause, causeOfSocketError, errorOf, plainCode, type Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { GreetingRefused } from './greet.ts';
import { loginErrors } from './login-errors.ts';
import { statementErrors } from './statement-errors.ts';

/** Where a login went. */
export interface SqlServerWhere extends Where {
  readonly database: string | undefined;
}

/** What the server says when it refuses something: its number, and its state, which narrows it down. */
interface ServerError {
  readonly number: number;
  readonly state: number;
}

/**
 * The errors that the server has reported, in their order. The driver's own error of a refused login carries no
 * number: only its event `errorMessage` does.
 */
export class ErrorTrail {
  readonly reported: ServerError[] = [];
  /** Whether the server has sent the login elsewhere. */
  rerouted = false;

  /** The line of the batch in which the first of them arose, from 1; 0 while there is none. */
  line = 0;

  add({
    number,
    state,
    lineNumber,
  }: {
    readonly number: number;
    readonly state: number;
    readonly lineNumber: number;
  }): void {
    if (this.reported.length === 0) this.line = lineNumber;
    this.reported.push({ number, state });
  }

  get numbers(): readonly number[] {
    return this.reported.map(({ number }) => number);
  }
}

/** What an error before the end of the login means. One that is told already stays as it is. */
export function fromTransport(error: unknown, activity: Activity, where: SqlServerWhere): RotationError {
  if (error instanceof RotationError) return error;
  if (error instanceof GreetingRefused) return errorOf(error.cause, where);
  return errorOf(causeOfSocketError(error, activity), where);
}

/** What a refused login means. */
export function fromLogin(error: unknown, trail: ErrorTrail, where: SqlServerWhere): RotationError {
  if (trail.rerouted) return errorOf(rerouted, where);
  // "Cannot open database" is followed by "login failed", which says less.
  const known = trail.reported.find(({ number }) => loginErrors.has(number) && number !== 18456) ?? trail.reported[0];
  if (known === undefined) return fromTransport(socketErrorIn(error), 'login', where);
  const cause = loginErrors.get(known.number);
  const driverCode = `${known.number} state ${known.state}`;
  if (cause !== undefined) return errorOf({ ...cause, driverCode }, where);
  return errorOf(
    {
      code: 'login-not-allowed',
      message: 'the server refused the login',
      remedy: 'See the driver code (the number of the error), and the error log of the server.',
      driverCode,
    },
    where,
  );
}

/** What a failed statement means. */
export function fromStatement(error: unknown, trail: ErrorTrail, where: SqlServerWhere): RotationError {
  if (error instanceof RotationError) return error;
  const known = trail.reported.find(({ number }) => statementErrors.has(number)) ?? trail.reported[0];
  if (known === undefined) return fromTransport(socketErrorIn(error), 'statement', where);
  const driverCode = String(known.number);
  const cause = statementErrors.get(known.number);
  if (cause !== undefined) return errorOf({ ...cause, driverCode }, where);
  return errorOf(
    {
      code: 'statement-failed',
      message: 'the server refused the statement',
      remedy: 'See the driver code (the number of the error), and the error log of the server.',
      driverCode,
    },
    where,
  );
}

const rerouted: Cause = {
  code: 'login-not-allowed',
  message: 'the server sends the login on to another host',
  remedy:
    'Put the host to which it sends into host: this engine follows nobody to a host that the secret does not name.',
};

/** The driver wraps what the socket said: its own code is not the reason. */
function socketErrorIn(error: unknown): unknown {
  const cause = (error as { readonly cause?: unknown } | null | undefined)?.cause;
  const wrapped = (error as { readonly code?: unknown } | null | undefined)?.code === 'ESOCKET';
  if (wrapped && cause !== undefined) return cause;
  const code = plainCode((error as { readonly code?: unknown } | null | undefined)?.code);
  return code === 'ECLOSE' || code === 'ESOCKET' || code === 'ECANCEL' || code === 'EINVALIDSTATE'
    ? Object.assign(new Error('closed'), { code: 'ECONNRESET' })
    : error;
}
