import type { Lifeline, Where } from '@keyturn/connection';
import { Refusal, toRotationError } from './errors.ts';
import type { Document, ReadOptions } from './messages.ts';
import { isNotPrimary } from './server-errors.ts';
import type { Session } from './session.ts';

interface Parts {
  readonly session: Session;
  readonly lifeline: Lifeline;
  readonly where: Where;
  readonly username: string;
  readonly database: string;
  /** Looks for the primary again, and logs in there. */
  readonly reopen: () => Promise<Session>;
}

/** How long the server may take to bring a change to a majority of the replica set, in milliseconds. */
const majorityMs = 10_000;

/** A connection that is logged in. It shows nothing of itself when it is printed. */
export class MongodbConnection {
  readonly #parts: Parts;
  #session: Session;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#session = parts.session;
  }

  get where(): Where {
    return this.#parts.where;
  }
  /** Who has logged in. */
  get username(): string {
    return this.#parts.username;
  }
  /** The database in which this user was created. */
  get database(): string {
    return this.#parts.database;
  }

  /** Runs a command. @throws RotationError */
  async command(database: string, command: Document, options: ReadOptions = {}): Promise<Document> {
    try {
      return await this.#run(database, command, options);
    } catch (error) {
      throw toRotationError(error, 'statement', this.#parts.where);
    }
  }

  /**
   * Runs a command that changes users, and waits until a majority of the replica set has the change, so that an
   * election does not take it back. A member that is not the primary any more has not run it: then once more,
   * on the new one.
   * @throws RotationError; what `explain` makes of the server's refusal, where it makes something of it
   */
  async change(
    database: string,
    command: Document,
    explain: (refusal: Refusal) => Error | undefined = () => undefined,
  ): Promise<void> {
    const whole = { ...command, writeConcern: { w: 'majority', wtimeout: majorityMs } };
    try {
      const answer = await this.#onPrimary(database, whole);
      const { code } = (answer.writeConcernError ?? {}) as { readonly code?: unknown };
      if (code !== undefined) throw new Refusal(Number(code), '');
    } catch (error) {
      const explained = error instanceof Refusal ? explain(error) : undefined;
      throw explained ?? toRotationError(error, 'statement', this.#parts.where);
    }
  }

  /** Ends the connection; there is no goodbye in this protocol. */
  close(): void {
    this.#parts.lifeline.release();
    this.#session.destroy();
  }

  async #onPrimary(database: string, command: Document): Promise<Document> {
    try {
      return await this.#run(database, command, {});
    } catch (error) {
      if (!(error instanceof Refusal) || !isNotPrimary(error)) throw error;
      this.#session.destroy();
      this.#session = await this.#parts.reopen();
      return await this.#run(database, command, {});
    }
  }

  #run(database: string, command: Document, options: ReadOptions): Promise<Document> {
    return this.#parts.lifeline.during('the answer to a command', () =>
      this.#session.command(database, command, options),
    );
  }
}
