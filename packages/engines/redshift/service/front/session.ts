import { createHash } from 'node:crypto';
import pg from 'pg';
import { countStatements, parse } from '../grammar/parse.ts';
import type { Statement } from '../grammar/statement.ts';
import { execute } from '../model/executor.ts';
import { commandComplete, errorResponse, readyForQuery, rowsOf } from './messages.ts';
import { ServerError } from './server-error.ts';

/** Who acts. */
export interface Actor {
  readonly name: string;
  readonly isSuper: boolean;
}

/** One session of a user: what it sends in Redshift's grammar is done by a session of the PostgreSQL below. */
export class Session {
  readonly #below: pg.Client;
  readonly #actor: Actor;
  #transaction: 'none' | 'implicit' | 'explicit' | 'failed' = 'none';
  /** Parameters that only Redshift has. A transaction that fails brings them back. */
  #settings: Readonly<Record<string, string>> = {};
  #settingsBefore: Readonly<Record<string, string>> = {};

  private constructor(below: pg.Client, actor: Actor) {
    this.#below = below;
    this.#actor = actor;
  }

  /** @param below a session of a superuser, which from now on acts as the actor */
  static async start(below: pg.Client, actor: Actor, settings: readonly string[]): Promise<Session> {
    const session = new Session(below, actor);
    const name = pg.escapeLiteral(actor.name);
    const statements = [
      `SET redshift_model.me = ${name}`,
      `SET redshift_model.sees_all = ${actor.isSuper || (await seesAll(below, actor.name)) ? 'on' : 'off'}`,
    ];
    for (const setting of settings) {
      const at = setting.indexOf('=');
      const [key, value] = [setting.slice(0, at), setting.slice(at + 1)];
      if (key.startsWith('redshift.')) session.#settings = { ...session.#settings, [key.slice(9)]: value };
      else
        statements.push(
          `SET ${key} TO ${value.startsWith('"') || key === 'search_path' ? value : pg.escapeLiteral(value)}`,
        );
    }
    statements.push(`SET SESSION AUTHORIZATION ${pg.escapeIdentifier(actor.name)}`);
    await below.query(statements.join('; '));
    return session;
  }

  get status(): 'I' | 'T' | 'E' {
    return this.#transaction === 'failed' ? 'E' : this.#transaction === 'explicit' ? 'T' : 'I';
  }

  /** Runs one message of the simple protocol. @returns everything that the server answers */
  async query(sql: string): Promise<Buffer> {
    const answers: Buffer[] = [];
    try {
      await this.run(sql, (_statement, answer) => answers.push(answer));
    } catch (error) {
      answers.push(errorResponse(error as ServerError, 'ERROR'));
    }
    return Buffer.concat([...answers, readyForQuery(this.status)]);
  }

  /** Runs statements one after another; all of one text are one transaction. @throws ServerError */
  async run(
    sql: string,
    answered: (statement: Statement, answer: Buffer, result?: pg.QueryArrayResult) => void,
  ): Promise<void> {
    try {
      // The whole text must be readable before any of it is done.
      countStatements(sql);
      for (const statement of parse(sql, () => this.#flag('enable_case_sensitive_identifier'))) {
        const { answer, result } = await this.#runOne(statement);
        answered(statement, answer, result);
      }
      if (this.#transaction === 'implicit') await this.#end('COMMIT');
    } catch (error) {
      await this.#fail();
      throw asServerError(error);
    }
  }

  async end(): Promise<void> {
    await this.#below.end();
  }

  async #runOne(statement: Statement): Promise<{ readonly answer: Buffer; readonly result?: pg.QueryArrayResult }> {
    if (statement.kind === 'rollback') return this.#finish('ROLLBACK');
    if (statement.kind === 'commit') return this.#finish(this.#transaction === 'failed' ? 'ROLLBACK' : 'COMMIT');
    if (this.#transaction === 'failed') {
      throw new ServerError(
        '25P02',
        'current transaction is aborted, commands ignored until end of transaction block',
        'exec_simple_query',
      );
    }
    if (this.#transaction === 'none') {
      await this.#below.query('BEGIN');
      this.#settingsBefore = this.#settings;
      this.#transaction = 'implicit';
    }
    switch (statement.kind) {
      case 'begin':
        this.#transaction = 'explicit';
        return { answer: commandComplete('BEGIN') };
      case 'set':
      case 'reset':
        await this.#set(statement.name, statement.kind === 'set' ? statement.values : undefined);
        return { answer: commandComplete(statement.kind.toUpperCase()) };
      case 'query': {
        const result = await this.#asActor(statement.sql, statement.values);
        const count =
          statement.tag === 'INSERT INTO'
            ? `INSERT 0 ${result.rowCount}`
            : `${result.command} ${result.rowCount ?? ''}`.trim();
        const answer = [
          ...(result.fields.length > 0 ? [rowsOf(result, this.#flag('describe_field_name_in_uppercase'))] : []),
          commandComplete(count),
        ];
        return { answer: Buffer.concat(answer), result };
      }
    }
    const tag = await execute(statement, {
      me: this.#actor.name,
      isSuper: this.#actor.isSuper,
      run: (text) => this.#asActor(text),
      elevated: (text) => this.#elevated(text),
    });
    return { answer: commandComplete(tag) };
  }

  async #set(name: string, values: readonly string[] | undefined): Promise<void> {
    if (
      ['search_path', 'statement_timeout', 'datestyle', 'timezone', 'extra_float_digits', 'application_name'].includes(
        name,
      )
    ) {
      const list = values?.map((value) => pg.escapeLiteral(value)).join(', ');
      await this.#below.query(list === undefined ? `RESET ${name}` : `SET ${name} TO ${list}`);
      return;
    }
    const { [name]: _old, ...others } = this.#settings;
    this.#settings = values === undefined ? others : { ...others, [name]: values.join(', ') };
  }

  #flag(name: string): boolean {
    return /^(true|on|1)$/i.test(this.#settings[name] ?? '');
  }

  /** @param values where there are some, even none, the statement is prepared, and prepared stays */
  #asActor(sql: string, values?: readonly string[]): Promise<pg.QueryArrayResult> {
    const prepared =
      values === undefined ? {} : { name: createHash('sha256').update(sql).digest('base64'), values: [...values] };
    return this.#below.query({
      text: sql,
      ...prepared,
      rowMode: 'array',
      types: { getTypeParser: () => (value: unknown) => value },
    });
  }

  /** One statement with every right, for what PostgreSQL would not let the user do and Redshift does. A failure ends the transaction, and this with it. */
  async #elevated(sql: string): Promise<readonly (readonly unknown[])[]> {
    const back = `SET SESSION AUTHORIZATION ${pg.escapeIdentifier(this.#actor.name)}`;
    const text = `SET SESSION AUTHORIZATION DEFAULT; ${sql}; ${back}`;
    const answers: unknown = await this.#below.query({ text, rowMode: 'array' });
    return (answers as pg.QueryArrayResult<unknown[]>[])[1]?.rows ?? [];
  }

  async #finish(how: 'COMMIT' | 'ROLLBACK'): Promise<{ readonly answer: Buffer }> {
    if (this.#transaction !== 'none') await this.#end(how);
    return { answer: commandComplete(how) };
  }

  async #end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    this.#transaction = 'none';
    if (how === 'ROLLBACK') this.#settings = this.#settingsBefore;
    await this.#below.query(how);
  }

  async #fail(): Promise<void> {
    if (this.#transaction === 'explicit') this.#transaction = 'failed';
    if (this.#transaction !== 'implicit') {
      // An error that the PostgreSQL below knows nothing of must abort its transaction, too.
      if (this.#transaction === 'failed') await this.#below.query('SELECT 1/0').catch(() => {});
      return;
    }
    await this.#end('ROLLBACK').catch(() => {});
  }
}

async function seesAll(below: pg.Client, name: string): Promise<boolean> {
  const { rows } = await below.query({
    name: 'sees all',
    text: "SELECT FROM redshift_model.grants WHERE kind = 'SYSTEM' AND privilege = 'ACCESS SYSTEM TABLE' AND pg_has_role($1, grantee, 'MEMBER')",
    values: [name],
  });
  return rows.length > 0;
}

/** An error of the PostgreSQL below is told as it is; anything else has broken the session. */
function asServerError(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const { code, message, routine } = error as { code?: string; message?: string; routine?: string };
  if (code === undefined || routine === undefined) throw error;
  return new ServerError(code, message ?? '', routine);
}
