import { userIn } from '../model/authority.ts';
import { sameName } from '../model/names.ts';
import type { ServerState } from '../model/server-state.ts';
import type { Identity, Session } from '../model/session.ts';
import { currentDatabase } from '../model/session.ts';
import { cannotFind, SqlError } from '../model/sql-error.ts';
import type { ServerCore } from '../server-core.ts';
import type { ResultSet } from '../tds/tokens.ts';
import {
  alterLogin,
  changeCredential,
  changeServerRole,
  createLogin,
  createServerRole,
  findPrincipal,
  switchLogin,
} from './change-logins.ts';
import { changePermissions, thingNamed } from './change-permissions.ts';
import { alterUser, changeRole, createRole, createUser, drop, findUser } from './change-users.ts';
import { evaluate, noColumns } from './evaluate.ts';
import { parse } from './parse.ts';
import { select } from './select.ts';
import type { Statement } from './statements.ts';

/** What a batch has brought about, in its order. */
export type Happened =
  | { readonly kind: 'rows'; readonly result: ResultSet }
  | { readonly kind: 'done' }
  | { readonly kind: 'database'; readonly to: string; readonly from: string }
  | { readonly kind: 'begin' | 'commit' | 'rollback'; readonly transaction: bigint }
  | { readonly kind: 'error'; readonly error: SqlError };

const setOptions = new Set(
  'ANSI_NULLS ANSI_NULL_DFLT_ON ANSI_PADDING ANSI_WARNINGS ARITHABORT CONCAT_NULL_YIELDS_NULL CURSOR_CLOSE_ON_COMMIT DATEFIRST DATEFORMAT IMPLICIT_TRANSACTIONS LANGUAGE NUMERIC_ROUNDABORT QUOTED_IDENTIFIER TEXTSIZE LOCK_TIMEOUT XACT_ABORT NOCOUNT'.split(
    ' ',
  ),
);

/** One session on the server: runs batches, one after another. */
export class SqlSession implements Session {
  readonly identity: Identity;
  databaseId: number;
  abortsOnError = false;
  openTransactions = 0;
  readonly #core: ServerCore;
  /** Its copy of everything, while it is in a transaction. */
  #own: ServerState | undefined;
  #transaction = 0n;
  #release: () => void = () => {};

  constructor(core: ServerCore, identity: Identity, databaseId: number) {
    this.#core = core;
    this.identity = identity;
    this.databaseId = databaseId;
  }

  get state(): ServerState {
    return this.#own ?? this.#core.state;
  }
  /** What the client must name with its requests; 0 outside of a transaction. */
  get transaction(): bigint {
    return this.#transaction;
  }

  /** Runs a batch to its end, or to its first error. */
  async run(sql: string): Promise<readonly Happened[]> {
    const happened: Happened[] = [];
    let statements: readonly Statement[];
    try {
      statements = parse(sql);
    } catch (error) {
      return [{ kind: 'error', error: asSqlError(error, 1) }];
    }
    for (const statement of statements) {
      try {
        for (const each of await this.#runOne(statement)) happened.push(each);
      } catch (error) {
        happened.push({ kind: 'error', error: asSqlError(error, statement.line) });
        if (this.abortsOnError && this.openTransactions > 0) happened.push(this.#end('rollback'));
        return happened;
      }
    }
    return happened;
  }

  /** The client is gone: what it had not committed never was. */
  end(): void {
    if (this.openTransactions > 0) this.#end('rollback');
  }

  async #runOne(statement: Statement): Promise<readonly Happened[]> {
    switch (statement.kind) {
      case 'select':
        return [{ kind: 'rows', result: select(this, statement) }];
      case 'use':
        return [this.#use(statement.database)];
      case 'set':
        return [this.#set(statement.option, statement.value)];
      case 'if':
        return evaluate(statement.condition, noColumns, this) === true
          ? this.#runOne(statement.statement)
          : [{ kind: 'done' }];
      case 'begin':
        return [await this.#begin()];
      case 'commit':
      case 'rollback':
        if (this.openTransactions === 0) {
          throw new SqlError(
            statement.kind === 'commit' ? 3902 : 3903,
            'The request has no corresponding BEGIN TRANSACTION.',
          );
        }
        return [this.#end(statement.kind)];
      default:
        await this.#write(statement);
        return [{ kind: 'done' }];
    }
  }

  /** Outside of a transaction, every statement is one. */
  async #write(statement: Statement): Promise<void> {
    if (this.#own !== undefined) {
      change(this, statement);
      return;
    }
    this.#release = await this.#core.lock();
    this.#own = this.#core.copy();
    try {
      change(this, statement);
      this.#core.commit(this.#own);
    } finally {
      this.#own = undefined;
      this.#release();
    }
  }

  async #begin(): Promise<Happened> {
    this.openTransactions += 1;
    if (this.openTransactions > 1) return { kind: 'done' };
    this.#release = await this.#core.lock();
    this.#own = this.#core.copy();
    this.#transaction = this.#core.nextTransaction();
    return { kind: 'begin', transaction: this.#transaction };
  }

  #end(kind: 'commit' | 'rollback'): Happened {
    this.openTransactions = kind === 'commit' ? this.openTransactions - 1 : 0;
    if (this.openTransactions > 0) return { kind: 'done' };
    if (kind === 'commit' && this.#own !== undefined) this.#core.commit(this.#own);
    const transaction = this.#transaction;
    this.#own = undefined;
    this.#transaction = 0n;
    this.#release();
    return { kind, transaction };
  }

  #use(name: string): Happened {
    const from = currentDatabase(this).name;
    const found = this.state.databases.find((each) => sameName(each.name, name));
    if (found === undefined) {
      throw new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);
    }
    if (userIn(this, found) === undefined) {
      throw new SqlError(
        916,
        `The server principal is not able to access the database "${name}" under the current security context.`,
        14,
      );
    }
    if (found.state !== 'ONLINE')
      throw new SqlError(942, `Database '${name}' cannot be opened because it is offline.`, 14);
    this.databaseId = found.id;
    return { kind: 'database', to: found.name, from };
  }

  #set(option: string, value: string): Happened {
    if (option === 'XACT_ABORT') this.abortsOnError = value === 'ON';
    else if (option !== 'TRANSACTION ISOLATION LEVEL' && !setOptions.has(option)) {
      throw new SqlError(195, `'${option}' is not a recognized SET option.`, 15);
    }
    return { kind: 'done' };
  }
}

type Changing = Exclude<Statement['kind'], 'select' | 'use' | 'set' | 'if' | 'begin' | 'commit' | 'rollback'>;
type Changes = {
  readonly [K in Changing]: (session: SqlSession, statement: Extract<Statement, { readonly kind: K }>) => void;
};

const changes: Changes = {
  grant: changePermissions,
  deny: changePermissions,
  revoke: changePermissions,
  'create login': createLogin,
  'alter login': alterLogin,
  'switch login': switchLogin,
  'login credential': changeCredential,
  'create user': createUser,
  'alter user': alterUser,
  'create role': createRole,
  'create server role': createServerRole,
  'role member': (session, statement) => (statement.server ? changeServerRole : changeRole)(session, statement),
  drop,
  authorization: changeOwner,
};

function change(session: SqlSession, statement: Statement): void {
  const run = changes[statement.kind as Changing] as (session: SqlSession, statement: Statement) => void;
  run(session, statement);
}

/** For tests alone: only an owner of everything does this here. */
function changeOwner(session: SqlSession, { on, to }: Extract<Statement, { readonly kind: 'authorization' }>): void {
  const { state } = session;
  if (on.keyword === 'DATABASE') {
    const owner = findPrincipal(session, to);
    if (owner === undefined) throw cannotFind('find', 'login', to);
    state.databases = state.databases.map((each) =>
      sameName(each.name, on.path[0] ?? '')
        ? {
            ...each,
            ownerSid: owner.sid,
            principals: each.principals.map((user) => (user.id === 1 ? { ...user, sid: owner.sid } : user)),
          }
        : each,
    );
    return;
  }
  const database = currentDatabase(session);
  const owner = findUser(database, to);
  if (owner === undefined) throw cannotFind('find', 'user', to);
  if (on.keyword === 'ROLE') {
    const role = findUser(database, on.path[0] ?? '');
    database.principals = database.principals.map((each) =>
      each.id === role?.id ? { ...each, owner: owner.id } : each,
    );
    return;
  }
  const thing = thingNamed(database, on);
  if (thing === undefined) throw cannotFind('find', on.keyword.toLowerCase(), on.path.join('.'));
  database.things = database.things.map((each) => (each === thing ? { ...each, owner: owner.id } : each));
}

function asSqlError(error: unknown, line: number): SqlError {
  if (!(error instanceof SqlError)) throw error;
  if (error.line === 1) error.line = line;
  return error;
}
