import type { Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { codeOf, sessionEnded } from '@keyturn/driver-pg';

/** What the server says to a statement, where that has a code of its own. 42501 is for the caller to explain. */
export function statementError(error: unknown, where: Where): RotationError {
  const ended = sessionEnded(error, where);
  if (ended !== undefined) return ended;
  const details = { ...where, driverCode: codeOf(error) };
  switch (details.driverCode) {
    case '25006':
      return new RotationError('read-only-server', {
        ...details,
        message: 'the server takes no writes',
        remedy: 'A cluster takes none while it is resized, and a database that comes from a datashare never does.',
      });
    case '42704':
      return new RotationError('statement-failed', {
        ...details,
        message: 'the user does not exist',
        remedy: 'Check username in the secret: the cluster has no user of this name.',
      });
    case '57014':
      return new RotationError('statement-failed', {
        ...details,
        message: 'the server cancelled the statement, for it took too long',
        remedy: 'See which session holds a lock (SVV_TRANSACTIONS, STV_LOCKS), then rotate again.',
      });
    case '42501':
      return new RotationError('missing-privilege', { ...details, message: 'the user may not run the statement' });
  }
  return new RotationError('statement-failed', {
    ...details,
    message: 'the server refused the statement',
    remedy: 'See the driver code (SQLSTATE), and SYS_QUERY_HISTORY or STL_ERROR.',
  });
}
