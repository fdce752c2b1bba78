import { type Engine, type ErrorCode, endpointOf, type Login, RotationError, type TwinAdmin } from '@keyturn/core';
import { recordSecret } from './taint/taint-record.ts';

/** A connection to a {@link MemoryDatabase}. */
export interface MemoryConnection {
  readonly user: string;
  open: boolean;
}

interface MemoryUser {
  /** Those that log in; a user that was cloned has none until it is given one. */
  passwords: string[];
  refusedInARow: number;
  readonly rights: Set<string>;
  /** The user that it was cloned from, as some servers can tell. */
  twinOf?: string;
}

/** What an engine of this database can do besides. */
interface MemoryEngineOptions {
  /** Users may have two passwords. */
  readonly overlap?: boolean;
}

/** How a {@link MemoryDatabase} answers the next calls; each entry is used once. */
type Refusal = { readonly on: 'connect' | 'ping' | 'change' | 'clone'; readonly code: ErrorCode };

const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

/**
 * A database with nothing but users, for tests of what core does. It is as strict as a server: it
 * refuses wrong passwords, locks a user after too many of them, and serves no closed connection.
 */
export class MemoryDatabase {
  readonly users: Map<string, MemoryUser> = new Map();
  /** What was done, in order: `connect app`, `refuse app`, `change app`, `reset app`, `ping app`, `clone app_clone`. */
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

  add(user: string, password: string, ...rights: readonly string[]): void {
    recordSecret(password);
    this.users.set(user, { passwords: [password], refusedInARow: 0, rights: new Set(rights) });
  }

  /** The engine through which a rotation uses this database. */
  engine({ overlap = false }: MemoryEngineOptions = {}): Engine<MemoryConnection> {
    return {
      name: 'memory',
      secret: { engines: ['memory'], defaultPort: 1, usernameMaxBytes: 63, usernameMaxCharacters: 40 },
      passwords: { minLength: 1, maxLength: 128, characters: printable, excludedByDefault: '/@"\'\\' },
      connect: async (login) => this.#connect(login),
      ping: async (connection) => {
        checkOpen(connection);
        this.#refuse('ping', connection.user);
        this.log.push(`ping ${connection.user}`);
      },
      changeOwnPassword: async (connection, next) =>
        this.#change(connection, connection.user, [next.reveal()], `change ${connection.user}`),
      close: async (connection) => {
        connection.open = false;
      },
      admin: {
        resetPassword: async (connection, username, next) => {
          checkMaster(connection);
          this.#change(connection, username, [next.reveal()], `reset ${username}`);
        },
        twins: this.#twins(),
      },
      ...(overlap
        ? {
            overlap: {
              addPassword: async (connection, username, next, keep) =>
                this.#change(connection, username, [keep.reveal(), next.reveal()], `add ${username}`),
            },
          }
        : {}),
    };
  }

  #twins(): TwinAdmin<MemoryConnection> {
    return {
      cloneUser: async (connection, { base, current, next, isKnown }) => {
        checkMaster(connection);
        this.#refuse('clone', next);
        const from = this.#user(current);
        const there = this.users.get(next);
        const isOurs = there?.twinOf === base || from.twinOf === next;
        if (there !== undefined && !isOurs && !(await isKnown())) {
          throw new RotationError('twin-name-taken', { message: 'the user is not known', user: next });
        }
        const to: MemoryUser = there ?? {
          passwords: [],
          refusedInARow: 0,
          rights: new Set<string>(),
          twinOf: base,
        };
        const given = [...from.rights].filter((right) => !to.rights.has(right));
        const taken = [...to.rights].filter((right) => !from.rights.has(right));
        for (const right of given) to.rights.add(right);
        for (const right of taken) to.rights.delete(right);
        this.users.set(next, to);
        this.log.push(`clone ${next}`);
        return { created: there === undefined, given, taken };
      },
      comparePrivileges: async (connection, { current, next }) => {
        checkMaster(connection);
        const [a, b] = [this.#user(current).rights, this.#user(next).rights];
        return [
          ...[...a].filter((right) => !b.has(right)).map((right) => `${next} lacks ${right}`),
          ...[...b].filter((right) => !a.has(right)).map((right) => `${current} lacks ${right}`),
        ];
      },
    };
  }

  #change(connection: MemoryConnection, user: string, passwords: readonly string[], entry: string): void {
    checkOpen(connection);
    this.#refuse('change', user);
    const account = this.#user(user);
    for (const password of passwords) recordSecret(password);
    account.passwords = [...passwords];
    this.log.push(entry);
  }

  #user(name: string): MemoryUser {
    const user = this.users.get(name);
    if (user === undefined) throw new RotationError('statement-failed', { message: 'there is no such user' });
    return user;
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
    if (account === undefined || !account.passwords.includes(login.password.reveal())) {
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

function checkOpen({ open }: MemoryConnection): void {
  if (!open) throw new RotationError('connection-lost', { message: 'the connection is closed' });
}

function checkMaster(connection: MemoryConnection): void {
  checkOpen(connection);
  if (connection.user !== 'master') throw new RotationError('missing-privilege', { message: 'no master' });
}
