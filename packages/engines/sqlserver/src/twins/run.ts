import { hasCode, RotationError } from '@keyturn/core';
import type { SqlServerConnection } from '../connection.ts';
import { bracket } from '../quoting.ts';
import type { Difference } from './difference.ts';
import type { TwinState } from './rights.ts';

/** How long a statement waits for another session's lock, in milliseconds. */
const longestWaitMs = 10_000;

/** Something that another session has made, changed or dropped meanwhile: a new look settles it. */
const doneMeanwhile: readonly string[] = ['1205', '15023', '15025', '15014', '15410', '3701', '15433', '911'];

/** Whether the same is worth another try, from the beginning. */
export function isCollision(error: unknown): boolean {
  return error instanceof RotationError && doneMeanwhile.includes(error.driverCode ?? '');
}

/**
 * Does all of it in one transaction, over all databases, and looks before it is kept: all or nothing.
 * @param remaining reads both users again, and tells what is left
 */
export async function inOneTransaction(
  connection: SqlServerConnection,
  { master }: TwinState,
  differences: readonly Difference[],
  check: () => Promise<void>,
): Promise<void> {
  await connection.query(`SET LOCK_TIMEOUT ${longestWaitMs}; BEGIN TRANSACTION`);
  try {
    await run(connection, master.database, differences);
    await check();
    await connection.query('COMMIT TRANSACTION');
  } catch (error) {
    if (!hasCode(error, 'connection-lost', 'connection-timed-out')) {
      await connection.query('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
      await goTo(connection, master.database);
    }
    throw error;
  }
}

async function run(connection: SqlServerConnection, home: string, differences: readonly Difference[]): Promise<void> {
  // The server's own come first, but for what opens a login.
  let at = home;
  for (const phase of ['first', 'rest', 'last'] as const) {
    const inPhase = differences.filter((each) => (each.phase ?? 'rest') === phase);
    for (const database of new Set(inPhase.map((each) => each.database))) {
      const here = inPhase.filter((each) => each.database === database);
      // Rights on the server are given in master, and nowhere else (Msg 4621).
      const to = database ?? 'master';
      if (to !== at) await goTo(connection, to);
      at = to;
      await runBatch(connection, here);
    }
  }
  if (at !== home) await goTo(connection, home);
}

/** A request of its own: were it part of a batch, what follows could run in another database than it is meant for. */
async function goTo(connection: SqlServerConnection, database: string): Promise<void> {
  await connection.query(`USE ${bracket(database)}`);
}

async function runBatch(connection: SqlServerConnection, differences: readonly Difference[]): Promise<void> {
  const all = differences.flatMap((difference) => difference.statements.map((sql) => ({ difference, sql })));
  if (all.length === 0) return;
  try {
    await connection.query(all.map(({ sql }) => sql).join(';\n'));
  } catch (error) {
    throw naming(error, connection, all);
  }
}

/** The server tells the line, and so which right the master could not give or take. */
function naming(
  error: unknown,
  { lastErrorLine, where }: SqlServerConnection,
  all: readonly { readonly difference: Difference; readonly sql: string }[],
): unknown {
  if (!hasCode(error, 'missing-privilege', 'statement-failed') || isCollision(error)) return error;
  let line = 1;
  const failed = all.find(({ sql }) => {
    line += sql.split('\n').length;
    return lastErrorLine < line;
  });
  const change = failed?.difference.change ?? { given: 'what the other user has' };
  const what = 'given' in change ? `give ${change.given}` : `take ${change.taken}`;
  return new RotationError('rights-not-cloneable', {
    message: `the server does not let the master ${what}`,
    endpoint: where.endpoint,
    user: where.user,
    driverCode: error.driverCode,
    remedy:
      'The master must be a member of db_owner there, or have the right WITH GRANT OPTION; on the server, have it WITH GRANT OPTION, or be in the fixed role. Nothing has been changed.',
  });
}
