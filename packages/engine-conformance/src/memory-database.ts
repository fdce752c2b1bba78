import { type Engine, type ErrorCode, endpointOf, type Login, RotationError } from '@keyturn/core';
import { recordSecret } from './taint/taint-record.ts';

/** A connection to a {@link MemoryDatabase}. */
export interface MemoryConnection {
  readonly user: string;
  open: boolean;
}

interface MemoryUser {
  password: string;
  refusedInARow: number;
}

/** How a {@link MemoryDatabase} answers the next calls; each entry is used once. */
type Refusal = { readonly on: 'connect' | 'ping' | 'change'; readonly code: ErrorCode };

const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

/**
 * A database with nothing but users, for tests of what core does. It is as strict as a server: it
 * refuses wrong passwords, locks a user after too many of them, and serves no closed connection.
 */
export class MemoryDatabase {
  readonly users: Map<string, MemoryUser> = new Map();
  /** What was done, in order: `connect app`, `refuse app`, `change app`, `reset app`, `ping app`. */
  readonly log: string[] = [];
  /** The next failures. */
  readonly refusals: Refusal[] = [];
  /** TLS of each login that was tried. */
  readonly tls: Login['tls'][] = [];
  readonly #lockAfter: number;

  /** @param lockAfter refused logins in a row that lock a user for good */
  constructor(lockAfter = 4) {
    this.#lockAfter = lockAfter;
  }

  add(user: string, password: string): void {
    recordSecret(password);
    this.users.set(user, { password, refusedInARow: 0 });
  }

  /** The engine through which a rotation uses this database. */
  engine(): Engine<MemoryConnection> {
    const change = async (connection: MemoryConnection, user: string, next: string, verb: string): Promise<void> => {
      if (!connection.open) throw new RotationError('connection-lost', { message: 'the connection is closed' });
      this.#refuse('change', user);
      const account = this.users.get(user);
      if (account === undefined) throw new RotationError('statement-failed', { message: 'there is no such user' });
      recordSecret(next);
      account.password = next;
      this.log.push(`${verb} ${user}`);
    };
    return {
      name: 'memory',
      secret: { engines: ['memory'], defaultPort: 1, usernameMaxBytes: 63 },
      passwords: { minLength: 1, maxLength: 128, characters: printable, excludedByDefault: '/@"\'\\' },
      connect: async (login) => this.#connect(login),
      ping: async (connection) => {
        if (!connection.open) throw new RotationError('connection-lost', { message: 'the connection is closed' });
        this.#refuse('ping', connection.user);
        this.log.push(`ping ${connection.user}`);
      },
      changeOwnPassword: (connection, next) => change(connection, connection.user, next.reveal(), 'change'),
      close: async (connection) => {
        connection.open = false;
      },
      admin: {
        resetPassword: (connection, username, next) => {
          if (connection.user !== 'master') throw new RotationError('missing-privilege', { message: 'no master' });
          return change(connection, username, next.reveal(), 'reset');
        },
      },
    };
  }

  #connect(login: Login): MemoryConnection {
    const { username } = login;
    const endpoint = endpointOf(login);
    this.tls.push(login.tls);
    this.#refuse('connect', username);
    const account = this.users.get(username);
    if (account !== undefined && account.refusedInARow >= this.#lockAfter) {
      throw new RotationError('account-locked', { message: 'the user is locked', user: username, endpoint });
    }
    if (account === undefined || account.password !== login.password.reveal()) {
      if (account !== undefined) account.refusedInARow += 1;
      this.log.push(`refuse ${username}`);
      throw new RotationError('login-failed', { message: 'the login was refused', user: username, endpoint });
    }
    account.refusedInARow = 0;
    this.log.push(`connect ${username}`);
    return { user: username, open: true };
  }

  #refuse(on: Refusal['on'], user: string): void {
    if (this.refusals[0]?.on !== on) return;
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw new RotationError(refusal.code, { message: 'made to fail', user });
  }
}
