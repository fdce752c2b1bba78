import {
  alternatingUsers,
  type Engine,
  RotationError,
  RotationFunction,
  type RotationFunctionOptions,
  type RotationHandler,
} from '@keyturn/core';
import { type PostgresConnection, postgres } from '@keyturn/engine-postgres';

const engine = postgres();

/** PostgreSQL, where a login counts as proven only if it may do what the application does: write orders. */
const checkedWrites: Engine<PostgresConnection> = {
  ...engine,
  async ping(connection) {
    await engine.ping(connection);
    try {
      // It touches no row, and is refused as a real one is: for want of rights, by a trigger, on a reader.
      await connection.run('UPDATE public.orders SET note = note WHERE false');
    } catch (error) {
      if (error instanceof RotationError) throw error;
      const { code } = error as { code?: unknown };
      throw new RotationError('statement-failed', {
        message: 'the user cannot write orders',
        driverCode: typeof code === 'string' ? code : undefined,
      });
    }
  },
};

/** Two users that take turns: the one in use goes on as ever should the other one's test fail. */
export class CheckedWrites extends RotationFunction {
  constructor(options?: RotationFunctionOptions) {
    super(alternatingUsers(checkedWrites), options);
  }
}

export const handler: RotationHandler = new CheckedWrites().handler;
