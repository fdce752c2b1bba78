import { hasCode, RotationError } from '@keyturn/core';
import type { OracleConnection } from '../connection.ts';

/** What another rotation, or an administrator, did meanwhile: what it is about has come, or gone. */
const doneMeanwhile: readonly string[] = [
  'ORA-01917',
  'ORA-01919',
  'ORA-01951',
  'ORA-01952',
  'ORA-01955',
  'ORA-00959',
  'ORA-02380',
  'ORA-04043',
  'ORA-28150',
];

/** Whether a new look at the users may show that the statement is not needed any more. */
export function mayBeOutdated(error: unknown): boolean {
  return error instanceof RotationError && doneMeanwhile.includes(error.driverCode ?? '');
}

/**
 * Runs one statement; each is a transaction of its own.
 * @throws RotationError `rights-not-cloneable`, naming the right that the server did not let the master give or take
 */
export async function runStatement(connection: OracleConnection, sql: string, words: string): Promise<void> {
  try {
    await connection.run(sql);
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    const { endpoint, user } = connection.where;
    throw new RotationError('rights-not-cloneable', {
      message: `the server does not let the master give or take ${words === '' ? 'what the twin needs' : words}`,
      endpoint,
      user,
      driverCode: error.driverCode,
    });
  }
}
