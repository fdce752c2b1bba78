import { Connection } from 'mysql2';
import { fromDriver, type Where } from './errors.ts';
import type { Lifeline } from './lifeline.ts';
import type { Transport } from './transport.ts';

/** How long {@link MariadbConnection.close} waits for the server to close its side, in milliseconds. */
const farewellMs = 500;

/** A row of a result, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

type Done = (error: Error | null, rows?: unknown) => void;

/** What the driver's types leave out. */
interface DriverInternals {
  addCommand(command: object): void;
}
interface QueryMaker {
  createQuery(sql: string, values: undefined, done: Done, config: object): object;
}

/** A connection that is logged in. It shows nothing of itself when it is printed. */
export class MariadbConnection {
  readonly #driver: Connection;
  readonly #transport: Transport;
  readonly #lifeline: Lifeline;
  readonly #where: Where;

  constructor(driver: Connection, transport: Transport, lifeline: Lifeline, where: Where) {
    this.#driver = driver;
    this.#transport = transport;
    this.#lifeline = lifeline;
    this.#where = where;
  }

  get where(): Where {
    return this.#where;
  }

  /**
   * Runs one statement.
   * @returns its rows; none for a statement that has none
   * @throws RotationError
   */
  async query(sql: string): Promise<readonly Row[]> {
    const result = await this.#safely(sql);
    return Array.isArray(result) ? (result as readonly Row[]) : [];
  }

  /**
   * Runs a block of several statements.
   * @returns the rows of each of them that has rows
   * @throws RotationError
   */
  async queryAll(sql: string): Promise<readonly (readonly Row[])[]> {
    const results = await this.#safely(sql);
    return Array.isArray(results) ? results.filter((rows): rows is readonly Row[] => Array.isArray(rows)) : [];
  }

  async #safely(sql: string): Promise<unknown> {
    // A server may have set the session up for another character set (character_set_client_handshake,
    // init_connect), in which bytes of a name could mean a quote.
    if (/[^\x20-\x7e\n]/.test(sql)) await this.#run('SET NAMES utf8mb4');
    return this.#run(sql);
  }

  /** Says goodbye and waits, not long, for the server to end the session, so that it counts no more. */
  async close(): Promise<void> {
    this.#lifeline.release();
    const transport = this.#transport;
    if (!transport.destroyed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, farewellMs);
        transport.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        this.#driver.end(() => {});
      });
    }
    transport.destroy();
  }

  async #run(sql: string): Promise<unknown> {
    try {
      return await this.#lifeline.during('the answer to a statement', () => this.#send(sql));
    } catch (error) {
      throw fromDriver(error, 'statement', this.#where);
    }
  }

  #send(sql: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done: Done = (error, rows) => (error === null || error === undefined ? resolve(rows) : reject(error));
      // Not through query(), which tracing tools wrap, and whose statements they keep.
      const command = (Connection as unknown as QueryMaker).createQuery(sql, undefined, done, this.#driver.config);
      (this.#driver as unknown as DriverInternals).addCommand(command);
    });
  }
}
