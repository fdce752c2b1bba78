import { type Activity, type Cause, causeOfSocketError, errorOf, type Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { causeOfRefusal } from './server-errors.ts';

/**
 * The server has answered that it does not. Its words stay in this folder: they may repeat what was sent.
 */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** What answers does not behave as a MongoDB server. */
export class NotMongodb extends Error {}

/** The server answers in the clear where TLS was asked for. */
export class OffersNoTls extends Error {}

/** The server hangs up on what is sent in the clear. */
export class WantsTls extends Error {}

/** The user can log in with no mechanism that is spoken here. */
export class NoMechanism extends Error {}

/**
 * A socket's or the server's error as ours. Nothing of its text is taken over: it may hold the
 * command that failed.
 */
export function toRotationError(error: unknown, activity: Activity, where: Where): RotationError {
  return error instanceof RotationError ? error : errorOf(causeOf(error, activity), where);
}

function causeOf(error: unknown, activity: Activity): Cause {
  if (error instanceof NotMongodb) {
    return activity === 'statement'
      ? { code: 'statement-failed', message: 'the server gave an answer that this engine cannot read' }
      : {
          code: 'connection-refused',
          message: 'what answers at this port does not do its part of a MongoDB login',
          remedy: 'Check host and port in the secret: a MongoDB or DocumentDB server must listen there.',
        };
  }
  if (error instanceof OffersNoTls) {
    return { code: 'tls-not-offered', message: 'the server answers without TLS, and offers none' };
  }
  if (error instanceof WantsTls) {
    return { code: 'tls-required', message: 'the server hangs up on what comes without TLS' };
  }
  if (error instanceof NoMechanism) {
    return {
      code: 'auth-method-unsupported',
      message: 'the user has neither SCRAM-SHA-256 nor SCRAM-SHA-1',
      remedy: 'Give the user one of these mechanisms (updateUser with pwd and mechanisms).',
    };
  }
  if (error instanceof Refusal) return causeOfRefusal(error, activity);
  return causeOfSocketError(error, activity);
}
