import type { Mechanism } from './credentials.ts';
import type { Fields } from './fields.ts';
import { may } from './privileges.ts';
import { Refusal, unauthorized } from './refusal.ts';
import type { SaslConversation } from './sasl.ts';
import { keyOf, type RoleName, type Store, type StoredUser } from './store.ts';

/** A document as the wire has it: numbers are BSON's. */
export type Document = Readonly<Record<string, unknown>>;

/** What the server is: its dialect. */
export interface Dialect {
  readonly kind: 'mongodb' | 'docdb';
  /** `8.0` */
  readonly version: string;
  readonly maxWireVersion: number;
  readonly mechanisms: readonly Mechanism[];
  /** Before 4.4 a login began after the first question, and ended with an empty exchange. */
  readonly longLogin: boolean;
}

/** One client's connection, as commands see it. */
export interface ClientState {
  readonly id: number;
  readonly ends: { readonly client: string; readonly server: string };
  loggedIn: { readonly user: string; readonly db: string } | undefined;
  conversation: SaslConversation | undefined;
}

/** What a command runs with. */
export interface Context {
  readonly dialect: Dialect;
  readonly db: string;
  readonly client: ClientState;
  readonly store: Store;
  /** What this member says of itself and its replica set. */
  readonly role: Document;
  /** Whether whoever asks may do all: the tests' own statements. */
  readonly unlimited: boolean;
  /** Makes this the state of users and roles. */
  commit(store: Store): void;
  /** Notes an outcome of a login. */
  login(user: string, outcome: 'logged-in' | 'refused'): void;
}

/** A command of the server. */
export interface Command {
  /** The type of the field that names the command, and the other fields. */
  readonly fields: Fields;
  /** It runs before the login too. */
  readonly open?: true;
  /** It runs on the primary only, and takes a write concern. */
  readonly writes?: true;
  run(context: Context, document: Document): object;
}

/** Who is logged in, as the server knows him now. @throws Refusal */
export function loggedIn({ client, store, unlimited }: Context): StoredUser | undefined {
  if (unlimited) return undefined;
  const { loggedIn: who } = client;
  const user = who === undefined ? undefined : store.users.get(keyOf(who.db, who.user));
  if (user === undefined) throw unauthorized('command requires authentication');
  return user;
}

/** @throws Refusal Unauthorized unless the user may do this */
export function need(context: Context, action: string, target: { db: string } | 'cluster' | 'any', why: string): void {
  const user = loggedIn(context);
  if (user !== undefined && !may(context.store, user, action, target)) throw unauthorized(why);
}

/** Reads the field `roles`: each a name in the command's database, or a document. @throws Refusal */
export function rolesIn(value: unknown, db: string): readonly RoleName[] {
  const names = (value as readonly unknown[]).map((one): RoleName => {
    if (typeof one === 'string') return { role: one, db };
    const { role, db: of, ...rest } = (one ?? {}) as Record<string, unknown>;
    if (typeof role !== 'string' || typeof of !== 'string' || Object.keys(rest).length > 0) {
      throw badRole();
    }
    return { role, db: of };
  });
  return [...new Map(names.map((name) => [keyOf(name.db, name.role), name])).values()];
}

const badRole = () => new Refusal(2, 'BadValue', 'Role names must be either strings or documents with role and db');
