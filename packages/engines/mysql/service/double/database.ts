import { type Account, newAccount, objectKey } from './account.ts';
import type { AccountName } from './cursor.ts';
import { refuse } from './failure.ts';
import type { DoubleVersion } from './server-version.ts';

/** What the server can be told by SET GLOBAL. */
export interface Settings {
  partialRevokes: boolean;
  requireSecureTransport: boolean;
  passwordRequireCurrent: boolean;
  readOnly: boolean;
  superReadOnly: boolean;
  offlineMode: boolean;
  maxConnections: number;
  /** The shortest password that validate_password takes; 0: it is not installed. */
  validatePasswordLength: number;
  mandatoryRoles: string;
}

/** A table with its columns, or a routine. */
export interface Objects {
  readonly databases: Set<string>;
  /** By {@link objectKey} of database and table. */
  readonly tables: Map<string, Set<string>>;
  /** By {@link objectKey} of kind, database and name. */
  readonly routines: Set<string>;
  /** Accounts, by their key, that are the DEFINER of something. */
  readonly definers: Set<string>;
}

/** All that the server keeps. */
export class Database {
  readonly version: DoubleVersion;
  readonly settings: Settings = {
    partialRevokes: false,
    requireSecureTransport: false,
    passwordRequireCurrent: false,
    readOnly: false,
    superReadOnly: false,
    offlineMode: false,
    maxConnections: 151,
    validatePasswordLength: 0,
    mandatoryRoles: '',
  };
  readonly objects: Objects = {
    databases: new Set(['mysql']),
    tables: new Map(),
    routines: new Set(),
    definers: new Set(),
  };
  readonly #accounts = new Map<string, Account>();
  /** Refused logins by user, of its accounts for all hosts together. */
  readonly refused: Map<string, number> = new Map();
  /** What caching_sha2_password remembers of logins: verifiers, with the digest that answers are compared with. */
  readonly remembered: Map<string, Buffer> = new Map();

  constructor(version: DoubleVersion) {
    this.version = version;
  }

  get accounts(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  find({ user, host }: AccountName): Account | undefined {
    return this.#accounts.get(objectKey(user, host));
  }

  /** The account by its {@link objectKey}. */
  byKey(key: string): Account | undefined {
    return this.#accounts.get(key);
  }

  make({ user, host }: AccountName, plugin: string): Account {
    const account = newAccount(user, host, plugin);
    this.#accounts.set(objectKey(user, host), account);
    return account;
  }

  drop({ user, host }: AccountName): void {
    const key = objectKey(user, host);
    this.#accounts.delete(key);
    for (const other of this.#accounts.values()) {
      other.roles.delete(key);
      other.defaultRoles.delete(key);
    }
  }

  plugin(name: string): string {
    if (this.version.plugins.includes(name)) return name;
    return refuse(1524, `Plugin '${name}' is not loaded`);
  }
}

/** `'user'@'host'`, as errors name it. */
export function shown({ user, host }: AccountName): string {
  return `'${user}'@'${host}'`;
}

export function keyOf({ user, host }: AccountName): string {
  return objectKey(user, host);
}
