import { parse } from '../sql/parse.ts';
import type { Condition, Expression, Query, Statement } from '../sql/statements.ts';
import { grant, revoke } from './grants.ts';
import type { Model } from './model.ts';
import { ora } from './ora-error.ts';
import { mayHandOnRole, require, type Session } from './session.ts';
import { alterUser, changeProxy, createUser, dropUser } from './user-statements.ts';
import { type ViewRow, viewFor } from './views.ts';

/** What a statement answers. */
export interface Result {
  /** Of a query; none for other statements. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const nothing: Result = { columns: [], rows: [] };

/** Runs one statement. @throws OraError; nothing has changed then */
export function run(model: Model, session: Session, sql: string, binds: readonly (string | null)[] = []): Result {
  const statement = parse(sql);
  if (statement.kind === 'select') return select(model, session, statement.queries, binds);
  if (statement.kind === 'alter-session') {
    if (!model.users.has(statement.schema)) throw ora(1435);
    session.currentSchema = statement.schema;
    return nothing;
  }
  if (model.readOnly) throw ora(16000);
  change(model, session, statement);
  return nothing;
}

function change(
  model: Model,
  session: Session,
  statement: Exclude<Statement, { kind: 'select' | 'alter-session' }>,
): void {
  switch (statement.kind) {
    case 'create-user':
      createUser(model, session, statement);
      return;
    case 'alter-user':
      alterUser(model, session, statement);
      return;
    case 'drop-user':
      dropUser(model, session, statement);
      return;
    case 'proxy':
      changeProxy(model, session, statement);
      return;
    case 'grant':
      grant(model, session, statement.what, statement.to, statement.option);
      return;
    case 'revoke':
      revoke(model, session, statement.what, statement.from);
      return;
    case 'create-role':
      require(model, session, 'CREATE ROLE');
      if (model.users.has(statement.name) || model.roles.has(statement.name)) throw ora(1920);
      model.roles.add(statement.name);
      return;
    case 'drop-role':
      dropRole(model, session, statement.name);
      return;
    case 'create-profile':
      require(model, session, 'CREATE PROFILE');
      if (model.profiles.has(statement.name)) throw ora(2379);
      model.profiles.set(statement.name, new Map(Object.entries(statement.limits)));
      return;
    case 'alter-profile': {
      require(model, session, 'CREATE PROFILE');
      const profile = model.profiles.get(statement.name);
      if (profile === undefined) throw ora(2380);
      for (const [parameter, value] of Object.entries(statement.limits)) profile.set(parameter, value);
      return;
    }
    case 'drop-profile':
      dropProfile(model, session, statement);
      return;
    case 'create-object':
      if (session.user !== statement.object.owner) require(model, session, 'CREATE ANY TABLE');
      model.objects.push(statement.object);
      return;
    case 'create-trigger':
      if (session.user !== statement.trigger.owner) require(model, session, 'CREATE ANY TRIGGER');
      createTrigger(model, statement.trigger);
      return;
    case 'drop-object':
      dropObject(model, session, statement);
      return;
  }
}

function dropRole(model: Model, session: Session, name: string): void {
  if (!model.roles.has(name)) throw ora(1919);
  if (!mayHandOnRole(model, session, name)) throw ora(1031);
  model.roles.delete(name);
  for (const grants of model.roleGrants.values()) grants.delete(name);
  for (const grants of [model.roleGrants, model.systemGrants, model.schemaGrants]) grants.delete(name);
  model.objectGrants = model.objectGrants.filter(({ grantee }) => grantee !== name);
}

function dropProfile(model: Model, session: Session, { name, cascade }: { name: string; cascade: boolean }): void {
  require(model, session, 'DROP PROFILE');
  if (!model.profiles.has(name)) throw ora(2380);
  if (name === 'DEFAULT') throw ora(2381);
  const users = [...model.users.values()].filter(({ profile }) => profile === name);
  if (users.length > 0 && !cascade) throw ora(2382);
  for (const user of users) user.profile = 'DEFAULT';
  model.profiles.delete(name);
}

function createTrigger(
  model: Model,
  { owner, name, user, schema }: { owner: string; name: string; user: string; schema: string },
): void {
  if (!model.users.has(owner) || !model.users.has(user) || !model.users.has(schema)) throw ora(1435);
  const at = model.objects.findIndex((each) => each.owner === owner && each.name === name);
  if (at !== -1) model.objects.splice(at, 1);
  model.objects.push({ owner, name, type: 'TRIGGER', columns: [user, schema] });
}

function dropObject(
  model: Model,
  session: Session,
  { type, owner, name }: { type: string; owner: string; name: string },
): void {
  const at = model.objects.findIndex((each) => each.owner === owner && each.name === name && each.type === type);
  if (at === -1) throw ora(4043);
  if (session.user !== owner) require(model, session, type === 'TRIGGER' ? 'DROP ANY TRIGGER' : 'DROP ANY TABLE');
  model.objects.splice(at, 1);
  model.objectGrants = model.objectGrants.filter((each) => each.owner !== owner || each.name !== name);
}

function select(model: Model, session: Session, queries: readonly Query[], binds: readonly (string | null)[]): Result {
  const values = new Binds(binds);
  const rows = queries.flatMap((query) => rowsOf(model, session, query, values));
  values.checkAllUsed();
  return { columns: (queries[0]?.columns ?? []).map(nameOf), rows };
}

function rowsOf(model: Model, session: Session, query: Query, binds: Binds): readonly (readonly (string | null)[])[] {
  const view = viewFor(query.from, model, session);
  if (view === undefined) throw ora(942);
  const read = (expression: Expression): ((row: ViewRow) => string | null) =>
    reader(expression, view.columns, binds, session);
  const columns = query.columns.map(read);
  const tests = query.where.filter((each) => each.kind !== 'rows').map((each) => testOf(each, read));
  const most = query.where.find((each) => each.kind === 'rows')?.most ?? Number.POSITIVE_INFINITY;
  return view
    .rows()
    .filter((row) => tests.every((test) => test(row)))
    .slice(0, most)
    .map((row) => columns.map((column) => column(row)));
}

function testOf(
  condition: Exclude<Condition, { kind: 'rows' }>,
  read: (expression: Expression) => (row: ViewRow) => string | null,
): (row: ViewRow) => boolean {
  const left = read(condition.left);
  if (condition.kind === 'null') return (row) => (left(row) === null) !== condition.not;
  if (condition.kind === 'not') {
    const value = read(condition.value);
    return (row) => left(row) !== null && value(row) !== null && left(row) !== value(row);
  }
  const values = condition.values.map(read);
  return (row) => left(row) !== null && values.some((value) => value(row) === left(row));
}

function reader(
  expression: Expression,
  columns: readonly string[],
  binds: Binds,
  session: Session,
): (row: ViewRow) => string | null {
  switch (expression.kind) {
    case 'null':
      return () => null;
    case 'text':
      // Empty text is NULL.
      return () => (expression.text === '' ? null : expression.text);
    case 'bind': {
      const value = binds.next();
      return () => value;
    }
    case 'column': {
      const { name } = expression;
      if (name === 'USER') return () => session.user;
      if (!columns.includes(name)) throw ora(904);
      return (row) => row[name] ?? null;
    }
    case 'call': {
      const of = expression.of.map((each) => reader(each, columns, binds, session));
      return call(expression.name, of);
    }
  }
}

function call(name: string, of: readonly ((row: ViewRow) => string | null)[]): (row: ViewRow) => string | null {
  const [first, second, third] = of;
  if (name === 'TO_CHAR' && of.length === 1 && first !== undefined) return first;
  if (name === 'NVL2' && of.length === 3 && first && second && third) {
    return (row) => (first(row) === null ? third(row) : second(row));
  }
  throw ora(904);
}

function nameOf(expression: Expression): string {
  return expression.kind === 'column' ? expression.name : `EXPRESSION`;
}

/** Values in the order in which the statement names them, as SQL binds them. */
class Binds {
  readonly #values: readonly (string | null)[];
  #at = 0;

  constructor(values: readonly (string | null)[]) {
    this.#values = values;
  }

  next(): string | null {
    if (this.#at >= this.#values.length) throw ora(1008);
    this.#at += 1;
    return this.#values[this.#at - 1] ?? null;
  }

  checkAllUsed(): void {
    if (this.#at < this.#values.length) throw ora(1008);
  }
}
