import type { ErrorCode, Login } from '@keyturn/core';
import type { WireProtocol } from './wire-protocol.ts';
import type { WireTap, WireTapOptions } from './wire-tap.ts';

/**
 * What an engine's `service/index.ts` exports. Tests find the folders by glob, so there is no list to keep; the
 * suite gets the module as it is: `describeConformance(postgres(), service)`.
 */
export interface ServiceModule {
  /** The servers that tests start themselves, the oldest first and the newest last. */
  readonly services: readonly DatabaseService[];
  /**
   * A server that somebody has. Where `KEYTURN_TEST_<ENGINE>_URL` is set, the suite runs against it, and against no
   * other. The URL is the administrator's login, as {@link readServiceUrl} reads it; `start` connects to the server
   * in place of starting one, `stop` takes away the users that it made and leaves the server running, and
   * {@link DatabaseService.given} is true. Absent: this engine cannot be tested so.
   */
  readonly fromUrl?: (url: string) => DatabaseService;
  /** The server that a template's bundle is tried with. @default - the newest of the services */
  readonly templateService?: (template: string) => DatabaseService;
  /** The vendor's image, for `npm run test:engines -- --docker`. Needs {@link ServiceModule.fromUrl}. */
  readonly docker?: DockerImage;
}

/** A server in a container. */
export interface DockerImage {
  /** With its tag: `mysql:8.4`. */
  readonly image: string;
  /** The port that the server listens on inside the container. */
  readonly port: number;
  /** What the server's log says when it takes connections. */
  readonly readyWhen: RegExp;
  /** How often the log says so before it is true, where a server starts twice. @default 1 */
  readonly readyTimes?: number;
  /** @default 300000 */
  readonly startTimeoutMs?: number;
  /** How the container is started. The certificate is one for localhost. */
  settings(given: { readonly password: string; readonly certificate: ServerCertificate }): DockerSettings;
  /** What {@link ServiceModule.fromUrl} takes; `ca` is the path of a PEM file. */
  url(at: { readonly host: string; readonly port: number; readonly password: string; readonly ca: string }): string;
}

export interface DockerSettings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Files in the container, by their paths. `mode` as of chmod. */
  readonly files?: readonly { readonly target: string; readonly content: string; readonly mode?: number }[];
}

/**
 * A database server that tests can have. Each engine's `service/` folder exports its servers as
 * `services: DatabaseService[]`; see {@link ServiceModule} for what else it may export.
 */
export interface DatabaseService {
  /** The engine's folder name: `postgres`. */
  readonly engine: string;
  /** The server's version as people say it: `18`, `10.11`. */
  readonly version: string;
  /** What stands here: `real` for the vendor's own server, `double` for one that only behaves like it. @default 'real' */
  readonly kind?: 'real' | 'double';
  /** How the engine's driver and server talk, for the wire tap. */
  readonly protocol: WireProtocol;
  /** Where the protocol hides TLS inside messages of its own. @default - the tap that reads {@link DatabaseService.protocol} */
  readonly startTap?: (options: WireTapOptions) => Promise<WireTap>;
  /** `false`: the server speaks no TLS that Node still knows, and all its secrets say `"ssl": false`. @default true */
  readonly speaksTls?: boolean;
  /** The server cannot be started without TLS. @default false */
  readonly tlsOnly?: boolean;
  /**
   * The server is somebody's own: each `start` gives the same one, and none with another certificate or without TLS.
   * @default - a server of the tests' own
   */
  readonly given?: boolean;
  /** Fetches what the server needs into the cache; once it is there, returns at once. */
  prepare(): Promise<void>;
  /** Starts a server of its own, on a free loopback port, with empty data. */
  start(options?: ServiceOptions): Promise<RunningService>;
}

export interface ServiceOptions {
  /** `false` starts a server that offers no TLS. @default - TLS with a certificate for localhost and 127.0.0.1 */
  readonly tls?: boolean;
  /** A certificate other than the default one. */
  readonly certificate?: ServerCertificate;
}

/** A cause of failure that only this server can bring about; the suite holds the engine to its code. */
export interface FailureCause {
  /** What is so, as a fact: `the account is locked`. */
  readonly name: string;
  readonly code: ErrorCode;
  /** What the suite then does, as the user or, for the last two, as the administrator. */
  readonly at: 'connect' | 'changeOwnPassword' | 'resetPassword' | 'cloneUser';
  /**
   * Brings it about for this user, who logs in with this password until then.
   * @returns what the suite's login must have otherwise, such as another database
   */
  arrange(username: string, password: string): Promise<Partial<Pick<Login, 'database' | 'username' | 'tls'>>>;
  /** Makes the server again as it was, for what comes next. */
  undo?(username: string): Promise<void>;
}

/** A server that runs. */
export interface RunningService {
  /** `localhost`, but for a server that is {@link DatabaseService.given}. */
  readonly host: string;
  readonly port: number;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  /** An administrator who may reset other users' passwords. */
  readonly administrator: { readonly username: string; readonly password: string };
  /** The database that {@link RunningService.createUser} gives its users access to. */
  readonly database: string;
  /** The value of the key `engine` in secrets for this server. */
  readonly engineName: string;
  /** Makes a user who may log in over TLS with this password and change it. */
  createUser(username: string, password: string): Promise<void>;
  /**
   * Gives a user rights, roles, settings and attributes of every kind that a twin must get too; repeated, it
   * takes some of them and gives others. Absent: this engine has no twins.
   */
  furnish?(username: string): Promise<void>;
  /**
   * Everything that somebody who logs in as this user may do, sorted, one a line, the user's own name replaced
   * by `<user>`. Read by other means than the engine's: two users with the same lines may do the same.
   */
  rightsOf?(username: string): Promise<readonly string[]>;
  /**
   * Gives a user rights on things that have this name, which may be hostile, wherever the server takes such a
   * name: roles, schemas, tables, databases. Absent: rights here name nothing that a user could have named.
   * @returns how many things it has made, at least one
   */
  furnishNamed?(username: string, name: string): Promise<number>;
  /** Why no user of this server can have this name, in words; undefined where one can. @default - every name that the engine's limits allow */
  refusesUsername?(name: string): string | undefined;
  /** Refused logins of this user as the server itself counts them. Absent: it keeps no count. */
  refusedLogins?(username: string): Promise<number>;
  /** @default - those that the suite can bring about with any server */
  readonly causes?: readonly FailureCause[];
  /** Runs a statement with every right, unlogged, and returns its rows as objects. */
  execute(statement: string): Promise<Record<string, unknown>[]>;
  /** Whether this user logs in with this password now: over verified TLS, through the bare driver. */
  logsIn(username: string, password: string): Promise<boolean>;
  /** Whether the server keeps this password for this user, read off its catalogue: no login, so no counter of refused logins moves. */
  hasPassword(username: string, password: string): Promise<boolean>;
  /** Everything that the server has logged so far. Statements are logged. */
  log(): string;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/** A server's certificate and its key, as PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}
