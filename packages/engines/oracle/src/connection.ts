import type { Lifeline } from '@keyturn/connection';
import type { Login, Password, RotationError } from '@keyturn/core';
import type { DriverConnection } from './driver-types.ts';
import { fromDriver, type OracleWhere } from './errors.ts';
import { loginName } from './names.ts';
import type { TransportOptions } from './transport.ts';

/** How long {@link OracleConnection.close} waits for the server to say goodbye, in milliseconds. */
const farewellMs = 500;

/** The values of a row, in the order of the query's columns. */
export type Row = readonly (string | null)[];

/** A connection that is logged in. It shows nothing of itself when it is printed. */
export class OracleConnection {
  readonly #driver: DriverConnection;
  readonly #options: TransportOptions;
  readonly #lifeline: Lifeline;
  readonly #where: OracleWhere;
  readonly #login: Login;

  constructor(of: {
    readonly driver: DriverConnection;
    readonly options: TransportOptions;
    readonly lifeline: Lifeline;
    readonly where: OracleWhere;
    readonly login: Login;
  }) {
    this.#driver = of.driver;
    this.#options = of.options;
    this.#lifeline = of.lifeline;
    this.#where = of.where;
    this.#login = of.login;
  }

  get where(): OracleWhere {
    return this.#where;
  }

  /** The release's first number: 12, 19, 23. */
  get release(): number {
    return Math.floor(this.#driver.oracleServerVersion / 100_000_000);
  }

  /** The longest name that the server takes, in bytes. */
  get longestName(): number {
    return this.#driver.maxIdentifierLength;
  }

  /** How somebody else, or the same with another password, would log in where this connection leads. */
  loginOf(username: string, password: Password): Login {
    return { ...this.#login, username, password };
  }

  /** What this connection may still take. */
  get limits(): Lifeline['limits'] {
    return this.#lifeline.limits;
  }

  /**
   * Runs a query.
   * @param binds text for `:1`, `:2` and so on
   * @throws RotationError
   */
  async query(sql: string, binds: readonly string[] = []): Promise<readonly Row[]> {
    const { rows = [] } = await this.#during(() =>
      this.#driver._execute(sql, binds, { outFormat: arrays, maxRows: 0, fetchArraySize: 500, prefetchRows: 500 }),
    );
    return rows as readonly Row[];
  }

  /** Runs a statement that answers nothing. It is committed. @throws RotationError */
  async run(sql: string): Promise<void> {
    // Not through execute(), which tracing tools wrap, and whose statements they keep.
    await this.#during(() => this.#driver._execute(sql, [], {}));
  }

  /**
   * Changes the password of the user that logged in by the driver's own call: both passwords are encrypted with the
   * key of the login, and no statement has them in it.
   * @throws RotationError
   */
  async changePassword(next: Password, current: Password): Promise<void> {
    const user = loginName(this.#login.username);
    await this.#during(() => this.#driver._impl.changePassword(user, current.reveal(), next.reveal()));
  }

  /** Logs off and waits, not long, for the server to end the session, so that it counts no more. */
  async close(): Promise<void> {
    this.#lifeline.release();
    const { socket } = this.#options;
    if (socket !== undefined && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, farewellMs);
        this.#driver.close().then(
          () => {
            clearTimeout(timer);
            resolve();
          },
          () => {
            clearTimeout(timer);
            resolve();
          },
        );
      });
    }
    socket?.destroy();
  }

  async #during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#lifeline.during('the answer to a statement', work);
    } catch (error) {
      throw this.#told(error);
    }
  }

  #told(error: unknown): RotationError {
    return fromDriver(error, 'statement', this.#where);
  }
}

/** OUT_FORMAT_ARRAY of the driver. */
const arrays = 4001;
