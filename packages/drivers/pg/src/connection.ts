import type { Socket } from 'node:net';
import type { Where } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, type Login, RotationError } from '@keyturn/core';
import pg from 'pg';
import { AuthenticationWatch } from './authentication.ts';
import type { Dialect } from './dialect.ts';
import { DriverStream } from './driver-stream.ts';
import { codeOf, isServerAnswer, lost, type Phase, socketError, timedOut } from './errors.ts';
import { openSocket } from './socket.ts';

/** A server may ask for this many rounds of SCRAM's key derivation; the driver's own limit is a hundredth. */
const mostScramIterations = 10_000_000;

/** How long a goodbye may take, in milliseconds. */
const goodbyeMs = 250;

/** A row of an answer, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** One login. It lives until it is closed, breaks, or its limits end it. */
export class PgConnection {
  readonly login: Login;
  readonly where: Where;
  readonly #dialect: Dialect;
  readonly #limits: ConnectLimits;
  #phase: Phase | 'statement' = 'lookup';
  #sockets: Socket[] = [];
  #client: pg.Client | undefined;
  #watch: AuthenticationWatch | undefined;
  /** Why nothing goes any more, once that is so. */
  #failure: RotationError | undefined;
  #fail: (error: RotationError) => void = () => {};
  /** Rejects with the failure; every wait is raced against it. */
  readonly #failed: Promise<never>;
  readonly #onAbort = () => this.#break(timedOut(this.where, this.#phase));

  private constructor(login: Login, limits: ConnectLimits, dialect: Dialect) {
    this.login = login;
    this.#dialect = dialect;
    this.where = { endpoint: endpointOf(login), user: login.username };
    this.#limits = limits;
    this.#failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Nobody may be waiting when it fails; whoever comes later is told by #failure.
    this.#failed.catch(() => {});
  }

  /**
   * Logs in within `limits`. @throws RotationError with the cause
   * @param login checked: no part of it may hold NUL
   */
  static async open(login: Login, limits: ConnectLimits, dialect: Dialect): Promise<PgConnection> {
    const connection = new PgConnection(login, limits, dialect);
    const timer = setTimeout(connection.#onAbort, limits.connectTimeoutMs);
    limits.signal.addEventListener('abort', connection.#onAbort, { once: true });
    try {
      if (limits.signal.aborted) connection.#onAbort();
      await connection.#guard(connection.#logIn());
      connection.#phase = 'statement';
      return connection;
    } catch (error) {
      connection.#destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Logs in once more, to another database, under the same limits. @throws RotationError with the cause */
  openAnother(database: string): Promise<PgConnection> {
    return PgConnection.open({ ...this.login, database }, this.#limits, this.#dialect);
  }

  /** The number of the request by which the server asked for the password. */
  get asked(): number | undefined {
    return this.#watch?.asked;
  }

  /**
   * Runs SQL without parameters, one statement or several, in one round trip.
   * @returns the rows of the last one
   * @throws RotationError if the connection fails; the driver's error, for the caller to read, if the server refuses
   */
  async run(sql: string): Promise<readonly Row[]> {
    return (await this.runEach(sql)).at(-1) ?? [];
  }

  /** The same. @returns the rows of each statement */
  async runEach(sql: string): Promise<readonly (readonly Row[])[]> {
    const client = this.#client;
    if (client === undefined) throw this.#failure ?? lost(this.where);
    const answer: unknown = await this.#guard(client.query(sql));
    const results = (Array.isArray(answer) ? answer : [answer]) as readonly pg.QueryResult<Record<string, unknown>>[];
    return results.map(({ rows }) => rows);
  }

  /** Says goodbye; its answer is not waited for, only that it has left this process. Never rejects. */
  async close(): Promise<void> {
    if (this.#failure === undefined && this.#client !== undefined) {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, goodbyeMs);
      });
      const sent = new Promise<void>((resolve) => void this.#sockets.at(-1)?.once('finish', resolve));
      void this.#client.end().catch(() => {});
      await Promise.race([sent, this.#failed.catch(() => {}), patience]);
      clearTimeout(timer);
    }
    this.#failure ??= lost(this.where);
    this.#destroy();
  }

  async #logIn(): Promise<void> {
    try {
      const socket = await openSocket(this.login, this.where, {
        phase: (phase) => {
          this.#phase = phase;
        },
        socket: (socket) => this.#own(socket),
      });
      this.#phase = 'login';
      await this.#logInOn(socket);
    } catch (error) {
      throw error instanceof RotationError ? error : socketError(error, this.where, this.#phase as Phase);
    }
  }

  async #logInOn(socket: Socket): Promise<void> {
    const { password, tls } = this.login;
    const watch = new AuthenticationWatch(this.where, this.#dialect.authentication, password, tls === false);
    this.#watch = watch;
    const stream = new DriverStream(
      socket,
      (bytes) => {
        const { refusal, pass, answer } = watch.read(bytes);
        if (refusal !== undefined) this.#break(refusal);
        else if (answer !== undefined) socket.write(answer);
        return this.#failure === undefined ? pass : Buffer.alloc(0);
      },
      () => this.#break(lost(this.where)),
    );
    const client = new pg.Client(this.#driverOptions(stream));
    // An idle connection that breaks has no one to tell: the next statement finds out.
    client.on('error', (error) => this.#break(lost(this.where, codeOf(error))));
    try {
      await client.connect();
    } catch (error) {
      if (!isServerAnswer(error)) throw socketError(error, this.where, 'login');
      throw this.#dialect.loginError(error, this.login, this.where, watch.asked);
    }
    this.#client = client;
  }

  #driverOptions(stream: DriverStream): pg.ClientConfig & { readonly scramMaxIterations: number } {
    const { host, port, username, password, database } = this.login;
    return {
      host,
      port,
      user: username,
      // Asked for only when the server has asked, in a way that the watch admits.
      password: () => password.reveal(),
      // Else the driver would take PGDATABASE or the user's name.
      database: database ?? this.#dialect.defaultDatabase,
      application_name: 'keyturn',
      stream: () => stream.asDuplex(),
      // TLS, where there is any, runs inside the stream. Said outright, for PGSSLMODE and PGSSLNEGOTIATION would count else.
      ssl: false,
      sslnegotiation: 'postgres',
      connectionTimeoutMillis: 0,
      scramMaxIterations: mostScramIterations,
    };
  }

  #own(socket: Socket): void {
    // Destroyed sockets still report; whoever waits on them has been told.
    socket.on('error', () => {});
    this.#sockets.push(socket);
    if (this.#failure !== undefined) socket.destroy();
  }

  async #guard<T>(work: Promise<T>): Promise<T> {
    if (this.#failure !== undefined) {
      work.catch(() => {});
      throw this.#failure;
    }
    try {
      return await Promise.race([work, this.#failed]);
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  #break(error: RotationError): void {
    this.#failure ??= error;
    this.#fail(this.#failure);
    this.#destroy();
  }

  #destroy(): void {
    this.#limits.signal.removeEventListener('abort', this.#onAbort);
    for (const socket of this.#sockets) socket.destroy();
  }
}
