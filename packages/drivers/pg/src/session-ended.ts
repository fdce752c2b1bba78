import type { Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { codeOf, isServerAnswer, lost } from './errors.ts';

/**
 * The error of a session that ended in the middle of a statement: shut down by an administrator, crashed, cut off.
 * A RotationError is one already. Undefined: the server has refused the statement, and the session lives.
 */
export function sessionEnded(error: unknown, where: Where): RotationError | undefined {
  if (error instanceof RotationError) return error;
  const driverCode = codeOf(error);
  const ended = !isServerAnswer(error) || driverCode === undefined || /^(57P|08)/.test(driverCode);
  return ended ? lost(where, driverCode) : undefined;
}
