/** The rights in one table: in all of it, and in single columns. */
interface TableRights {
  readonly privileges: Set<string>;
  readonly columns: Map<string, Set<string>>;
}

/** What a login has to show besides its password. */
export interface TlsDemand {
  readonly type: '' | 'ANY' | 'X509' | 'SPECIFIED';
  readonly issuer: string;
  readonly subject: string;
  readonly cipher: string;
}

export const limitNames = [
  'MAX_QUERIES_PER_HOUR',
  'MAX_UPDATES_PER_HOUR',
  'MAX_CONNECTIONS_PER_HOUR',
  'MAX_USER_CONNECTIONS',
] as const;

export type LimitName = (typeof limitNames)[number];

/** Everything that the server keeps of an account. Null stands for the server's own default. */
export interface Account {
  readonly user: string;
  readonly host: string;
  plugin: string;
  verifier: string;
  /** The second password, where RETAIN CURRENT PASSWORD has kept one. */
  secondVerifier: string | undefined;
  tls: TlsDemand;
  readonly limits: Record<LimitName, number>;
  expired: boolean;
  lifetime: number | null;
  locked: boolean;
  history: number | null;
  reuseDays: number | null;
  requireCurrent: 'Y' | 'N' | null;
  failedLoginAttempts: number;
  passwordLockDays: number;
  /** What was set by ATTRIBUTE or COMMENT; undefined where nothing was. */
  metadata: Record<string, unknown> | undefined;
  /** Verifiers that it had, the newest last. */
  readonly passwordHistory: string[];
  /** Refused logins in a row, and whether they have blocked it. */
  refusedInARow: number;
  readonly global: Set<string>;
  /** Dynamic privileges, and whether each may be passed on. */
  readonly dynamic: Map<string, boolean>;
  /** Partial revokes by database. */
  readonly restrictions: Map<string, Set<string>>;
  readonly databases: Map<string, Set<string>>;
  /** By {@link objectKey} of database and table. */
  readonly tables: Map<string, TableRights>;
  /** By {@link objectKey} of kind, database and name. */
  readonly routines: Map<string, Set<string>>;
  /** By {@link objectKey} of user and host: whether the right may be passed on. */
  readonly proxies: Map<string, boolean>;
  /** By {@link objectKey} of user and host: whether the role may be handed on. */
  readonly roles: Map<string, boolean>;
  readonly defaultRoles: Set<string>;
}

/** One text for names that belong together. */
export function objectKey(...names: readonly string[]): string {
  return JSON.stringify(names);
}

export function namesIn(key: string): readonly string[] {
  return JSON.parse(key) as string[];
}

/** An account that nobody has given anything. */
export function newAccount(user: string, host: string, plugin: string): Account {
  return {
    user,
    host,
    plugin,
    verifier: '',
    secondVerifier: undefined,
    tls: { type: '', issuer: '', subject: '', cipher: '' },
    limits: {
      MAX_QUERIES_PER_HOUR: 0,
      MAX_UPDATES_PER_HOUR: 0,
      MAX_CONNECTIONS_PER_HOUR: 0,
      MAX_USER_CONNECTIONS: 0,
    },
    expired: false,
    lifetime: null,
    locked: false,
    history: null,
    reuseDays: null,
    requireCurrent: null,
    failedLoginAttempts: 0,
    passwordLockDays: 0,
    metadata: undefined,
    passwordHistory: [],
    refusedInARow: 0,
    global: new Set(),
    dynamic: new Map(),
    restrictions: new Map(),
    databases: new Map(),
    tables: new Map(),
    routines: new Map(),
    proxies: new Map(),
    roles: new Map(),
    defaultRoles: new Set(),
  };
}
