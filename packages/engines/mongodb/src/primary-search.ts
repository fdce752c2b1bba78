import { setTimeout as pause } from 'node:timers/promises';
import { Lifeline } from '@keyturn/connection';
import { endpointOf, hasCode, type Login, RotationError } from '@keyturn/core';
import { toRotationError } from './errors.ts';
import { type Member, memberOf, membersOf, sameMember } from './members.ts';
import type { Document } from './messages.ts';
import { openSession, type Progress, type Session } from './session.ts';

/** How long to wait before the members are asked again which of them is the primary, in milliseconds. */
const electionPauseMs = 100;

/** How a server is looked for. */
export interface DiscoveryOptions {
  /** Only the server that the secret names, whatever it says of a primary elsewhere. */
  readonly directConnection: boolean;
}

/** Asks the members of a replica set what they are, until one takes writes. */
export class PrimarySearch {
  readonly #login: Login;
  readonly #lifeline: Lifeline;
  readonly #options: DiscoveryOptions;
  readonly #seeds: readonly Member[];
  /** Why the members of the last round could not be asked. */
  #failures: RotationError[] = [];

  constructor(login: Login, lifeline: Lifeline, options: DiscoveryOptions) {
    this.#login = login;
    this.#lifeline = lifeline;
    this.#options = options;
    this.#seeds = membersOf(login);
  }

  /**
   * A connection to the member that takes writes; nobody has logged in yet.
   * @throws RotationError `server-not-ready` where there is no primary; else the first member's failure
   */
  async session(): Promise<Session> {
    const started = performance.now();
    for (;;) {
      const found = await this.#askAll();
      if (found !== undefined) return found;
      // Half of the time: the login needs some, and this error says more than that the time is over.
      if (performance.now() - started > this.#lifeline.limits.connectTimeoutMs / 2) throw this.#noPrimary();
      await this.#lifeline.during('a primary of the replica set', () => pause(electionPauseMs));
    }
  }

  /** One round: the seeds, and before the next of them whomever a member calls the primary. */
  async #askAll(): Promise<Session | undefined> {
    this.#failures = [];
    const queue = [...this.#seeds];
    const asked: Member[] = [];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const member = next;
      if (asked.some((other) => sameMember(other, member))) continue;
      asked.push(member);
      const session = await this.#ask(member);
      if (session === undefined) continue;
      if (this.#options.directConnection || takesWrites(session.hello)) {
        this.#lifeline.holds(session);
        return session;
      }
      session.destroy();
      queue.unshift(...primaryIn(session.hello, member));
    }
    const [first] = this.#failures;
    if (first !== undefined && this.#failures.length === asked.length) throw first;
    return undefined;
  }

  /** @returns undefined where this member cannot be asked, and there may be others */
  async #ask(member: Member): Promise<Session | undefined> {
    const { connectTimeoutMs, signal } = this.#lifeline.limits;
    // A member that does not answer must leave time for the others.
    const share = this.#seeds.length === 1 ? connectTimeoutMs : connectTimeoutMs / (this.#seeds.length + 1);
    const where = { endpoint: endpointOf(member), user: this.#login.username };
    const lifeline = new Lifeline(where, { connectTimeoutMs: Math.round(share), signal });
    const progress: Progress = { activity: 'connect' };
    try {
      const session = await openSession(member, this.#login, lifeline, progress);
      lifeline.release();
      return session;
    } catch (error) {
      lifeline.abandon();
      const failure = toRotationError(error, progress.activity, where);
      if (signal.aborted) throw failure;
      this.#failures.push(failure);
      return undefined;
    }
  }

  #noPrimary(): RotationError {
    // A member says who is the primary, and that one cannot be reached: the first is no help, the second is.
    const [failure] = this.#failures;
    if (failure !== undefined && !hasCode(failure, 'connection-refused', 'connection-lost')) return failure;
    return new RotationError('server-not-ready', {
      message: 'no member of the replica set is its primary',
      endpoint: this.#seeds.map(endpointOf).join(','),
      user: this.#login.username,
      remedy: 'Wait for the election of a primary, and check that a majority of the members runs; then retry.',
    });
  }
}

/** A primary, a server without a replica set, or a router. */
function takesWrites({ isWritablePrimary, ismaster }: Document): boolean {
  return isWritablePrimary === true || ismaster === true;
}

function primaryIn({ primary }: Document, { port }: Member): Member[] {
  const member = typeof primary === 'string' ? memberOf(primary, port) : undefined;
  return member === undefined ? [] : [member];
}
