import { RotationError } from '@keyturn/core';
import type { MariadbConnection } from '../src/index.ts';

export interface DyingOptions {
  /** How many statements that change something still take effect. */
  readonly after: number;
  /** Rewrites what is sent: for the controls. */
  readonly rewrite?: (statement: string) => string;
}

/**
 * A connection to a server that dies after so many changes, in the middle of a block too: of each block it
 * runs one statement after the other.
 */
export function dyingConnection(real: MariadbConnection, options: DyingOptions): MariadbConnection {
  const { rewrite = (statement) => statement } = options;
  let left = options.after;
  const run = async (statement: string) => {
    if (left === 0) throw new RotationError('connection-lost', { message: 'the server has died' });
    left -= 1;
    await real.query(rewrite(statement));
  };
  const query = async (sql: string) => {
    if (sql.includes('@keyturn_at = ')) {
      for (const line of sql.split(';\n')) {
        const statement = line.replace(/^BEGIN NOT ATOMIC\n/, '');
        if (statement === 'END' || statement.startsWith('SET @keyturn_at')) continue;
        await run(statement);
      }
      return [];
    }
    if (/^(GRANT|REVOKE|CREATE|ALTER|DROP|SET DEFAULT)/.test(sql)) {
      await run(sql);
      return [];
    }
    return real.query(sql);
  };
  const queryAll = (sql: string) => real.queryAll(sql);
  return { where: real.where, query, queryAll } as unknown as MariadbConnection;
}
