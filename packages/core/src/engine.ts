import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { Password } from './password.ts';

/**
 * What an engine does for a rotation. One folder under `packages/engines/` exports one of these.
 *
 * Every method rejects with a RotationError and nothing else: a driver's error never leaves the
 * engine's folder, for it may hold the failing statement and the new password.
 */
export interface Engine<C = unknown> {
  /** For logs only; nothing branches on it. */
  readonly name: string;
  readonly secret: SecretRules;
  readonly passwords: PasswordRules;
  /** PEM certificates of the authorities that vouch for this engine's managed servers. */
  readonly certificateAuthorities?: () => readonly string[];

  /**
   * Logs in. TLS is verified, or off where `login.tls` is false; it is never downgraded.
   * When `limits.signal` aborts, at any later time too, the connection is destroyed and whatever
   * waits on it rejects with `connection-timed-out`.
   */
  connect(login: Login, limits: ConnectLimits): Promise<C>;

  /** Proves that the connection runs statements. */
  ping(connection: C): Promise<void>;

  /**
   * Gives the user that logged in the password `next`. Succeeds if the user has it already.
   * `current` is the password that this connection logged in with, for servers that ask for it.
   * @throws RotationError `password-refused` only if the server has certainly kept the old password.
   */
  changeOwnPassword(connection: C, next: Password, current: Password): Promise<void>;

  /** Ends the connection. Never rejects, and never waits long: the work is done by then. */
  close(connection: C): Promise<void>;

  /** What an administrator does for another user. Absent: this engine has no master form. */
  readonly admin?: EngineAdmin<C>;

  /** Present where one user may have two passwords at a time: then a password changes without a gap. */
  readonly overlap?: PasswordOverlap<C>;
}

/** What the master user does on its connection for another user. */
export interface EngineAdmin<C = unknown> {
  /**
   * Gives the user the password `next`, wherever the server knows the user by that name. Succeeds if
   * it has it already; may be repeated from any point.
   * @param database what the user's own secret names in `dbname`, or the default for it: for servers whose users
   *   belong to a database. The connection's is the master's.
   */
  resetPassword(connection: C, username: string, next: Password, database?: string): Promise<void>;

  /** How users of this engine take turns. Absent: no alternating users. */
  readonly twins?: TwinAdmin<C>;
}

/** What the master user does so that two users can take turns. */
export interface TwinAdmin<C = unknown> {
  /**
   * Makes the rights of the user `pair.next` equal to those of `pair.current`: makes the user where there is
   * none, gives what it lacks, takes what it has beyond. What the current user may do is never made less. A
   * user that this makes cannot log in before {@link EngineAdmin.resetPassword} has given it its password.
   * May be repeated from any point, also after another process died in the middle.
   * @throws RotationError `twin-name-taken` if a user of that name is somebody else's; `rights-not-cloneable`,
   *   naming each right; `missing-privilege`, naming what the master lacks. Nothing has been changed then.
   */
  cloneUser(connection: C, pair: TwinPair): Promise<CloneReport>;

  /**
   * Reads both users afresh and names every difference in what they may do, one a line, in both directions:
   * `app_clone lacks SELECT ON TABLE public.orders`. Empty: they are equal.
   */
  comparePrivileges(connection: C, pair: TwinPair): Promise<readonly string[]>;
}

/** Two users that take turns. */
export interface TwinPair {
  /** The user without the suffix, whom people know. */
  readonly base: string;
  readonly twin: string;
  /** The one of the two that AWSCURRENT names: clients use it now. */
  readonly current: string;
  /** The other one, which AWSPENDING names. */
  readonly next: string;
  /** What the secret of the two names in `dbname`, or the default for it; the connection's is the master's. */
  readonly database?: string | undefined;
  /** What `next` will log in with. A user that has this password already was made by this rotation. */
  readonly password: Password;
  /**
   * Whether another version of the secret names `next` as its user, which shows that it is this secret's. It
   * takes calls: asked only where the server itself does not show that the two belong together.
   */
  isKnown(): Promise<boolean>;
}

/** What {@link TwinAdmin.cloneUser} has changed, for the log. */
export interface CloneReport {
  readonly created: boolean;
  /** Rights that `next` has got, one a line. */
  readonly given: readonly string[];
  /** Rights that `next` has lost, one a line. */
  readonly taken: readonly string[];
}

/** What an engine does whose users may have two passwords. */
export interface PasswordOverlap<C = unknown> {
  /**
   * Makes `next` a password of the user beside `keep`: afterwards both log in, and no other does. There is no
   * moment at which `keep` does not. Succeeds if it is so already; may be repeated from any point. The
   * connection is the user's own, logged in with `keep`, or a master's.
   */
  addPassword(connection: C, username: string, next: Password, keep: Password): Promise<void>;
}

/** One login: where, who, with what. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Password;
  readonly database: string | undefined;
  /** Ready options for the driver's TLS; `false` only where the secret says `"ssl": false`. */
  readonly tls: VerifiedTls | false;
}

/** TLS options that verify the chain and the host name. The driver gets them as they are. */
export interface VerifiedTls
  extends Required<Pick<ConnectionOptions, 'rejectUnauthorized' | 'minVersion' | 'checkServerIdentity'>> {
  readonly ca: string[];
  /** The same authorities, parsed once for the process: parsing some hundred certificates takes milliseconds a login. */
  readonly secureContext?: SecureContext;
  /** Absent where the host is an IP address, which SNI does not carry. */
  readonly servername?: string;
}

/** How long a connection may take, and how long it may live. */
export interface ConnectLimits {
  /** From the name lookup to the end of the login, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Cut from the time that Lambda leaves; it ends the connection for good. */
  readonly signal: AbortSignal;
}

/** Which secrets an engine takes. */
export interface SecretRules {
  /** Accepted values of the key `engine`: the guide's, and those that AWS writes today. */
  readonly engines: readonly string[];
  readonly defaultPort: number;
  /** @default - the key dbname may be absent, and the login then names no database */
  readonly defaultDatabase?: string;
  /** Whether `host` may be a list with commas, each with a port of its own or without. @default false */
  readonly hostLists?: boolean;
  /** The longest user name that any supported server takes, in bytes of UTF-8. */
  readonly usernameMaxBytes: number;
  /** The same in characters, where the server counts those. @default - no limit but that of bytes */
  readonly usernameMaxCharacters?: number;
}

/** Which passwords an engine takes, whatever the server's own password rules ask besides. */
export interface PasswordRules {
  /** In characters. */
  readonly minLength: number;
  /** In characters. */
  readonly maxLength: number;
  /** Every character that a password may hold. */
  readonly characters: string;
  /** What AWS's own function for this engine leaves out unless told otherwise. */
  readonly excludedByDefault: string;
}

/** `host:port`, as errors and logs name it. */
export function endpointOf(login: Pick<Login, 'host' | 'port'>): string {
  const host = /[^\x21-\x7e]/.test(login.host) ? JSON.stringify(login.host) : login.host;
  return host.includes(':') ? `[${host}]:${login.port}` : `${host}:${login.port}`;
}

/**
 * Lends a connection: opens it, hands it to `use`, and closes it whatever happens. Engines hold no
 * pool and core no connection.
 */
export async function withConnection<C, T>(
  engine: Engine<C>,
  login: Login,
  limits: ConnectLimits,
  use: (connection: C) => Promise<T>,
): Promise<T> {
  const connection = await engine.connect(login, limits);
  try {
    return await use(connection);
  } finally {
    await engine.close(connection);
  }
}
