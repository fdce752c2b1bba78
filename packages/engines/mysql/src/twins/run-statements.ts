import { hasCode, RotationError } from '@keyturn/core';
import type { MysqlConnection } from '../connection.ts';
import { setPlainSqlMode } from '../plain-sql-mode.ts';
import type { PlannedStatement } from './plan.ts';

/** What another rotation did meanwhile: it has made, given, taken or dropped the same. */
const doneMeanwhile: readonly string[] = [
  'ER_NONEXISTING_GRANT',
  'ER_NONEXISTING_TABLE_GRANT',
  'ER_NONEXISTING_PROC_GRANT',
  'ER_CANNOT_USER',
  'ER_PASSWORD_NO_MATCH',
  'ER_CANT_CREATE_USER_WITH_GRANT',
  'ER_USER_DOES_NOT_EXIST',
  'ER_UNKNOWN_AUTHID',
  'ER_ROLE_NOT_GRANTED',
  // What a right is about has gone.
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR',
  'ER_SP_DOES_NOT_EXIST',
];

/** Whether a new look at the users may show that the statement is not needed any more. */
export function mayBeOutdated(error: unknown): boolean {
  return error instanceof RotationError && doneMeanwhile.includes(error.driverCode ?? '');
}

/**
 * Runs the statements in their order.
 * @param ran is told of each that took effect
 * @throws RotationError `rights-not-cloneable`, naming the right that the master could not give or take
 */
export async function runStatements(
  connection: MysqlConnection,
  statements: readonly PlannedStatement[],
  ran: (statement: PlannedStatement) => void,
): Promise<void> {
  await setPlainSqlMode(connection);
  for (const statement of statements) {
    try {
      await connection.query(statement.sql);
    } catch (error) {
      if (!hasCode(error, 'missing-privilege')) throw error;
      throw new RotationError('rights-not-cloneable', {
        message: `the server does not let the master give or take ${statement.words || 'what the twin needs'}`,
        endpoint: connection.where.endpoint,
        user: connection.where.user,
        driverCode: error.driverCode,
        remedy: error.details.remedy,
      });
    }
    ran(statement);
  }
}
