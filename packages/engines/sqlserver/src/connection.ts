import type { Lifeline } from '@keyturn/connection';
import { type Connection, Request } from 'tedious';
import { ErrorTrail, fromStatement, type SqlServerWhere } from './errors.ts';
import type { Transport } from './transport.ts';

/** How long {@link SqlServerConnection.close} waits for the server to close its side, in milliseconds. */
const farewellMs = 500;

/** A row of a result, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A connection that is logged in. It shows nothing of itself when it is printed. */
export class SqlServerConnection {
  readonly #driver: Connection;
  readonly #transport: Transport;
  readonly #lifeline: Lifeline;
  readonly #where: SqlServerWhere;
  #lastErrorLine = 0;

  constructor(driver: Connection, transport: Transport, lifeline: Lifeline, where: SqlServerWhere) {
    this.#driver = driver;
    this.#transport = transport;
    this.#lifeline = lifeline;
    this.#where = where;
  }

  get where(): SqlServerWhere {
    return this.#where;
  }

  /** The line of the last batch that failed in which it did, from 1. */
  get lastErrorLine(): number {
    return this.#lastErrorLine;
  }

  /**
   * Runs one batch, as it is: ALTER LOGIN and its like take no parameters, and a batch of one such statement is
   * what the server's traces know to mask.
   * @returns the rows of each SELECT in it, in their order
   * @throws RotationError
   */
  query(sql: string): Promise<readonly (readonly Row[])[]> {
    return this.#lifeline.during("the server's answer to a statement", () => this.#run(sql));
  }

  async #run(sql: string): Promise<readonly (readonly Row[])[]> {
    const trail = new ErrorTrail();
    const note = (error: Parameters<ErrorTrail['add']>[0]) => trail.add(error);
    this.#driver.on('errorMessage', note);
    try {
      return await this.#send(sql);
    } catch (error) {
      this.#lastErrorLine = trail.line;
      throw fromStatement(error, trail, this.#where);
    } finally {
      this.#driver.off('errorMessage', note);
    }
  }

  #send(sql: string): Promise<readonly (readonly Row[])[]> {
    return new Promise((resolve, reject) => {
      if (this.#transport.isOver) {
        reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
        return;
      }
      const results: Row[][] = [];
      const request = new Request(sql, (error) => {
        if (error === undefined || error === null) resolve(results);
        else reject(error);
      });
      request.on('columnMetadata', () => results.push([]));
      request.on(
        'row',
        (columns: readonly { readonly metadata: { readonly colName: string }; readonly value: unknown }[]) => {
          results.at(-1)?.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])));
        },
      );
      this.#driver.execSqlBatch(request);
    });
  }

  /** Ends the session, and waits, not long, for the server to notice, so that it counts no more. */
  async close(): Promise<void> {
    this.#lifeline.release();
    if (this.#transport.destroyed) return;
    const closed = new Promise<void>((resolve) => this.#transport.once('close', () => resolve()));
    const late = setTimeout(() => this.#transport.destroy(), farewellMs);
    this.#transport.end();
    await closed;
    clearTimeout(late);
    this.#driver.close();
  }
}
