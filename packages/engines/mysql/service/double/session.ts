import type { Account } from './account.ts';
import type { AccountName } from './cursor.ts';
import { type Database, keyOf } from './database.ts';

/** Somebody who is logged in; nobody is the server itself, which may do everything. */
export class Session {
  readonly database: Database;
  readonly id: number;
  readonly name: AccountName | undefined;
  sqlMode: ReadonlySet<string> = new Set();
  /** The roles that are active, by their keys. */
  activeRoles: readonly string[];

  constructor(database: Database, id: number, account: Account | undefined) {
    this.database = database;
    this.id = id;
    this.name = account === undefined ? undefined : { user: account.user, host: account.host };
    this.activeRoles = account === undefined ? [] : [...account.defaultRoles].filter((role) => account.roles.has(role));
  }

  /** The account of the session, as it is now; undefined for the server itself, and where it was dropped. */
  get account(): Account | undefined {
    return this.name === undefined ? undefined : this.database.find(this.name);
  }

  get isServer(): boolean {
    return this.name === undefined;
  }

  /** Whether the statement names the account of the session. */
  isSelf(account: AccountName): boolean {
    return this.name !== undefined && keyOf(account) === keyOf(this.name);
  }

  /** The account and its active roles, with those that they have. */
  get holders(): readonly Account[] {
    const { account } = this;
    if (account === undefined) return [];
    const keys = new Set(this.activeRoles);
    for (const key of keys) for (const role of this.database.byKey(key)?.roles.keys() ?? []) keys.add(role);
    return [account, ...[...keys].flatMap((key) => this.database.byKey(key) ?? [])];
  }
}
