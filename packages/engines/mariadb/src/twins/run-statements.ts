import { hasCode, RotationError } from '@keyturn/core';
import type { MariadbConnection } from '../connection.ts';
import { inOracleMode, setPlainSqlMode } from '../plain-sql-mode.ts';
import type { PlannedStatement } from './plan.ts';

/** Requests stay below these, whatever the server takes: in statements, and in characters. */
const mostStatements = 500;
const mostCharacters = 200_000;

/** What another rotation did meanwhile: it has made, given, taken or dropped the same. */
const doneMeanwhile: readonly string[] = [
  'ER_NONEXISTING_GRANT',
  'ER_NONEXISTING_TABLE_GRANT',
  'ER_NONEXISTING_PROC_GRANT',
  'ER_CANNOT_USER',
  'ER_PASSWORD_NO_MATCH',
  'ER_CANNOT_REVOKE_ROLE',
  'ER_INVALID_ROLE',
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
 * Runs the statements in their order, many in one request: a function that is killed meanwhile leaves little
 * half done.
 * @throws RotationError `rights-not-cloneable`, naming the right that the master could not give or take
 */
export async function runStatements(
  connection: MariadbConnection,
  statements: readonly PlannedStatement[],
): Promise<void> {
  await setPlainSqlMode(connection);
  for (const batch of batches(statements)) {
    const [first] = batch;
    if (first?.oracleMode === true) {
      await naming(connection, batch, () => inOracleMode(connection, first.sql), 0);
    } else {
      await naming(connection, batch, async () => void (await connection.query(block(batch))), undefined);
    }
  }
}

/** Statements that go in one request. */
function batches(statements: readonly PlannedStatement[]): readonly (readonly PlannedStatement[])[] {
  const found: PlannedStatement[][] = [];
  let size = 0;
  for (const statement of statements) {
    const last = found.at(-1);
    size += statement.sql.length;
    const fits = last !== undefined && last.length < mostStatements && size < mostCharacters;
    if (fits && !statement.oracleMode && last[0]?.oracleMode === false) {
      last.push(statement);
    } else {
      found.push([statement]);
      size = statement.sql.length;
    }
  }
  return found;
}

function block(batch: readonly PlannedStatement[]): string {
  const lines = batch.flatMap(({ sql }, index) => [`SET @keyturn_at = ${index};`, `${sql};`]);
  return ['BEGIN NOT ATOMIC', ...lines, 'END'].join('\n');
}

async function naming(
  connection: MariadbConnection,
  batch: readonly PlannedStatement[],
  run: () => Promise<void>,
  index: number | undefined,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    const at = index ?? Number((await connection.query('SELECT @keyturn_at AS number'))[0]?.number);
    const { endpoint, user } = connection.where;
    throw new RotationError('rights-not-cloneable', {
      message: `the server does not let the master give or take ${batch[at]?.words || 'what the twin needs'}`,
      endpoint,
      user,
      driverCode: error.driverCode,
    });
  }
}
