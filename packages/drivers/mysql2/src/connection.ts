import type { Lifeline } from '@keyturn/connection';
import { hasCode, type Password } from '@keyturn/core';
import { Connection } from 'mysql2';
import type { Dialect } from './dialect.ts';
import { fromDriver, type LoginPlace } from './errors.ts';
import type { Transport } from './transport.ts';

/** How long {@link DriverConnection.close} waits for the server to close its side, in milliseconds. */
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

/** What a connection consists of once it is logged in. */
export interface OpenedConnection {
  readonly driver: Connection;
  readonly transport: Transport;
  readonly lifeline: Lifeline;
  readonly where: LoginPlace;
  readonly dialect: Dialect;
  /** Opens another session of the same user. */
  readonly another: (password: Password) => Promise<DriverConnection>;
}

/** A connection that is logged in. It shows nothing of itself when it is printed. */
export class DriverConnection {
  readonly #driver: Connection;
  readonly #transport: Transport;
  readonly #lifeline: Lifeline;
  readonly #where: LoginPlace;
  readonly #dialect: Dialect;
  readonly #another: (password: Password) => Promise<DriverConnection>;

  constructor(opened: OpenedConnection) {
    const { driver, transport, lifeline, where, dialect, another } = opened;
    this.#driver = driver;
    this.#transport = transport;
    this.#lifeline = lifeline;
    this.#where = where;
    this.#dialect = dialect;
    this.#another = another;
  }

  get where(): LoginPlace {
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

  /**
   * Whether the same user logs in with this password, in a session of its own: a login that may be refused.
   * @throws RotationError if it fails for another reason than the password
   */
  async logsIn(password: Password): Promise<boolean> {
    try {
      const other = await this.#another(password);
      await other.close();
      return true;
    } catch (error) {
      if (hasCode(error, 'login-failed')) return false;
      throw error;
    }
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
      throw fromDriver(error, 'statement', this.#where, this.#dialect);
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
