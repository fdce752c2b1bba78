import { randomBytes } from 'node:crypto';
import { QueryRefusal } from './query-refusal.ts';

/** How late what was changed shows, counted in asks, so that a test needs no clock. */
export interface Lateness {
  /** How often STS refuses a new key. @default 0 */
  newKeyRefused?: number;
  /** How often ListAccessKeys leaves a new key out. @default 0 */
  newKeyUnlisted?: number;
  /** How often STS still accepts a deleted key, and ListAccessKeys shows it. @default 0 */
  deletedKeyShown?: number;
  /** How often CreateAccessKey still counts a deleted key. @default 0 */
  deletedKeyCounted?: number;
}

/** A key of a user, as the account keeps it. */
export interface StoredKey {
  readonly id: string;
  readonly secret: string;
  readonly createdAt: number;
  active: boolean;
  deleted: boolean;
  lastUsedAt: number | undefined;
  readonly asks: { accepted: number; listed: number; shownAfterEnd: number; countedAfterEnd: number };
}

/** Who signs a request. */
export interface Principal {
  readonly arn: string;
  readonly uniqueId: string;
  /** Set for the function's role. */
  readonly sessionToken?: string;
  readonly expired?: boolean;
  /** Whether it may call this action on this resource. */
  allows(action: string, resource: string): boolean;
}

/** A user of the account. */
export interface StoredUser extends Principal {
  readonly name: string;
  readonly keys: StoredKey[];
}

/** Source: IAM and AWS STS quotas in the IAM user guide. */
const mostKeys = 2;

/** One AWS account: users with at most two access keys each, a root user, and roles. */
export class Account {
  readonly id: string;
  lateness: Lateness = {};
  readonly users: Map<string, StoredUser> = new Map();
  readonly #sessions = new Map<string, { secret: string; principal: Principal }>();
  /** Every id that was ever given out: none is given twice. */
  readonly #ids = new Set<string>();

  constructor(id = '123456789012') {
    this.id = id;
  }

  addUser(name: string, path = '/'): StoredUser {
    const arn = `arn:aws:iam::${this.id}:user${path}${name}`;
    const user: StoredUser = { name, arn, uniqueId: this.#newId('AIDA'), keys: [], allows: () => false };
    this.users.set(name, user);
    return user;
  }

  /** A key of a user, made as by hand: it is known everywhere at once. */
  addKey(user: StoredUser): StoredKey {
    const key = this.#newKey();
    user.keys.push(key);
    this.#settle(key);
    return key;
  }

  /** Long-term keys of the account's root user. */
  addRootKey(): StoredKey {
    const key = this.#newKey();
    const arn = `arn:aws:iam::${this.id}:root`;
    this.#sessions.set(key.id, { secret: key.secret, principal: { arn, uniqueId: this.id, allows: () => true } });
    return key;
  }

  /** Session credentials of a role. */
  addRole(
    name: string,
    allows: Principal['allows'],
    expired = false,
  ): { accessKeyId: string; secretAccessKey: string; sessionToken: string } {
    const accessKeyId = this.#newId('ASIA');
    const secretAccessKey = newSecret();
    const sessionToken = randomBytes(96).toString('base64');
    const arn = `arn:aws:sts::${this.id}:assumed-role/${name}/session`;
    const principal = { arn, uniqueId: `${this.#newId('AROA')}:session`, sessionToken, expired, allows };
    this.#sessions.set(accessKeyId, { secret: secretAccessKey, principal });
    return { accessKeyId, secretAccessKey, sessionToken };
  }

  /** Who holds this key, and its secret; asked for once a request. @throws QueryRefusal `InvalidClientTokenId` */
  signer(accessKeyId: string): { secret: string; principal: Principal; used: () => void } {
    const session = this.#sessions.get(accessKeyId);
    if (session !== undefined) return { ...session, used: () => undefined };
    for (const user of this.users.values()) {
      const key = user.keys.find(({ id }) => id === accessKeyId);
      if (key === undefined || !this.#accepts(key)) continue;
      const used = () => {
        key.lastUsedAt = Date.now();
      };
      return { secret: key.secret, principal: user, used };
    }
    throw new QueryRefusal('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }

  user(name: string): StoredUser {
    const user = this.users.get(name);
    if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
    return user;
  }

  key(user: StoredUser, id: string): StoredKey {
    const key = user.keys.find((each) => each.id === id && !each.deleted);
    if (key === undefined) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
    return key;
  }

  createKey(user: StoredUser): StoredKey {
    const { deletedKeyCounted = 0 } = this.lateness;
    const counted = user.keys.filter((key) => !key.deleted || key.asks.countedAfterEnd++ < deletedKeyCounted);
    if (counted.length >= mostKeys) {
      throw new QueryRefusal('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${mostKeys}`, 409);
    }
    const key = this.#newKey();
    user.keys.push(key);
    return key;
  }

  listed(user: StoredUser): readonly StoredKey[] {
    const { newKeyUnlisted = 0, deletedKeyShown = 0 } = this.lateness;
    return user.keys.filter((key) =>
      key.deleted ? key.asks.shownAfterEnd++ < deletedKeyShown : key.asks.listed++ >= newKeyUnlisted,
    );
  }

  /** The keys that there really are. */
  live(user: StoredUser): readonly StoredKey[] {
    return user.keys.filter(({ deleted }) => !deleted);
  }

  #accepts(key: StoredKey): boolean {
    const { newKeyRefused = 0, deletedKeyShown = 0 } = this.lateness;
    if (key.deleted) return key.asks.shownAfterEnd++ < deletedKeyShown;
    return key.active && key.asks.accepted++ >= newKeyRefused;
  }

  #settle({ asks }: StoredKey): void {
    asks.accepted = Number.POSITIVE_INFINITY;
    asks.listed = Number.POSITIVE_INFINITY;
  }

  #newKey(): StoredKey {
    return {
      id: this.#newId('AKIA'),
      secret: newSecret(),
      createdAt: Date.now(),
      active: true,
      deleted: false,
      lastUsedAt: undefined,
      asks: { accepted: 0, listed: 0, shownAfterEnd: 0, countedAfterEnd: 0 },
    };
  }

  #newId(prefix: string): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const id = prefix + [...randomBytes(16)].map((byte) => letters[byte % 32]).join('');
    if (this.#ids.has(id)) throw new Error(`the id ${id} was given out before`);
    this.#ids.add(id);
    return id;
  }
}

function newSecret(): string {
  // 30 bytes are 40 characters of base64 with + and /, as IAM's are.
  return randomBytes(30).toString('base64');
}

function noSuchEntity(message: string): QueryRefusal {
  return new QueryRefusal('NoSuchEntity', message, 404);
}
