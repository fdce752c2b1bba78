import { createHash } from 'node:crypto';
import type { FailureCause, RunningService, ServerCertificate } from '@keyturn/engine-conformance';
import type { RunningPostgres } from '@keyturn/service-postgres';
import pg from 'pg';
import { causesOf } from './causes.ts';
import type { Front, KeptUser } from './front/connection.ts';
import { type Listener, listen } from './front/listener.ts';
import { Session } from './front/session.ts';
import { furnishings, furnishingsNamed, routines, things } from './furnish.ts';
import { setting, settingsOfUser } from './model/catalogue.ts';
import { rightsSql } from './rights-of.ts';

interface Parts {
  readonly postgres: RunningPostgres;
  /** Reads the PostgreSQL below as its superuser, in the database `dev`. */
  readonly catalogue: pg.Client;
  readonly certificate: ServerCertificate | undefined;
  readonly ca: string;
  readonly administrator: { readonly username: string; readonly password: string };
}

interface KeptRow {
  readonly rolsuper: boolean;
  readonly digest: string | null;
  readonly nologin: string | null;
  readonly expired: boolean;
  readonly rolconnlimit: number;
  readonly settings: readonly string[];
}

const keptUserSql = `SELECT rolsuper, ${setting('digest')} AS digest, ${setting('nologin')} AS nologin,
  coalesce(rolvaliduntil < now(), false) AS expired, rolconnlimit,
  ARRAY(SELECT entry FROM unnest(s.setconfig) AS entry WHERE NOT starts_with(entry, 'redshift_model.')) AS settings
  FROM pg_authid AS a ${settingsOfUser('a.oid')} WHERE rolname = $1`;

const databaseSql = 'SELECT FROM pg_catalog.svv_redshift_databases WHERE database_name = $1';

/** PostgreSQL 13 with Redshift's catalogue laid over it, and a front that takes what Redshift takes. */
export class RunningRedshift implements RunningService, Front {
  readonly host = 'localhost';
  readonly engineName = 'redshift';
  readonly database = 'dev';
  port = 0;
  readonly ca: string;
  readonly administrator: { readonly username: string; readonly password: string };
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** require_ssl of the parameter group. */
  requiresTls: boolean;
  readonly #parts: Parts;
  readonly #lines: string[] = [];
  readonly #sessions = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  /** How often each user, with its twin, has been furnished. */
  readonly #rounds = new Map<string, number>();
  #listener: Listener | undefined;
  #superuser: Session | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #idle: pg.Client[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { certificate, ca, administrator } = parts;
    this.ca = ca;
    this.administrator = administrator;
    this.tls = certificate === undefined ? undefined : { cert: certificate.certificate, key: certificate.key };
    this.requiresTls = this.tls !== undefined;
  }

  async listen(): Promise<void> {
    this.#listener = await listen(this);
    this.port = this.#listener.port;
  }

  // What the front asks.

  async userOf(name: string): Promise<KeptUser | undefined> {
    const { rows } = await this.#read<KeptRow>('user', keptUserSql, name);
    const [row] = rows;
    if (row === undefined) return undefined;
    return {
      name,
      isSuper: row.rolsuper,
      digest: row.digest,
      isNologin: row.nologin !== null,
      isExpired: row.expired,
      connectionLimit: row.rolconnlimit,
      settings: row.settings,
    };
  }

  async hasDatabase(name: string): Promise<boolean> {
    const { rows } = await this.#read('database', databaseSql, name);
    return rows.length > 0;
  }

  async openBelow(database: string): Promise<pg.Client> {
    const idle = database === this.database ? this.#idle.pop() : undefined;
    return idle ?? openBelow(this.#parts.postgres, database);
  }

  /** Sessions of the PostgreSQL below are used again: what they have cached costs a new one a tenth of a second. */
  async release(below: pg.Client, database: string): Promise<void> {
    try {
      if (database !== this.database) throw new Error('kept for nobody');
      await below.query(`ROLLBACK; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; ${quiet}`);
      this.#idle.push(below);
    } catch {
      await below.end().catch(() => {});
    }
  }

  enter({ name, connectionLimit, isSuper }: KeptUser): boolean {
    const count = this.#sessions.get(name) ?? 0;
    if (!isSuper && connectionLimit >= 0 && count >= connectionLimit) return false;
    this.#sessions.set(name, count + 1);
    return true;
  }

  leave(name: string): void {
    this.#sessions.set(name, (this.#sessions.get(name) ?? 1) - 1);
  }

  log(line?: string): string {
    if (line !== undefined) {
      // Nothing is read here: to join all lines for each new one would take longer than what they tell of.
      const refused = /^FATAL: password authentication failed for user "(.*)"$/s.exec(line)?.[1];
      if (refused !== undefined) this.#refused.set(refused, (this.#refused.get(refused) ?? 0) + 1);
      this.#lines.push(line);
      return '';
    }
    return [...this.#lines, this.#parts.postgres.log()].join('\n');
  }

  /** What clients have sent to the front since it heard so many lines. */
  heardSince(lines: number): string {
    return this.#lines.slice(lines).join('\n');
  }

  get linesHeard(): number {
    return this.#lines.length;
  }

  // What tests ask.

  get causes(): readonly FailureCause[] {
    return causesOf(this);
  }

  /** Gives a user rights on things of this name, wherever Redshift takes such a name. */
  async furnishNamed(username: string, name: string): Promise<number> {
    await this.execute(furnishingsNamed(username, name).join('; '));
    return 6;
  }

  async furnish(username: string): Promise<void> {
    const base = username.replace(/_clone$/, '');
    const round = this.#rounds.get(base) ?? 0;
    this.#rounds.set(base, round + 1);
    if (round === 0) {
      await this.execute(things(base).join('; '));
      await this.below(routines(base).join('; '));
    }
    await this.execute(furnishings({ user: username, base, round }).join('; '));
  }

  async rightsOf(username: string): Promise<readonly string[]> {
    const { rows } = await this.#read<{ line: string }>('rights', rightsSql, username);
    return rows.map(({ line }) => line);
  }

  async refusedLogins(username: string): Promise<number> {
    return this.#refused.get(username) ?? 0;
  }

  async createUser(username: string, password: string): Promise<void> {
    const digest = `md5${createHash('md5')
      .update(password + username)
      .digest('hex')}`;
    await this.execute(`CREATE USER ${pg.escapeIdentifier(username)} PASSWORD '${digest}'`);
  }

  refusesUsername(name: string): string | undefined {
    if (Buffer.byteLength(name, 'utf8') > 63 - '_clone'.length) return 'the PostgreSQL below cuts names after 63 bytes';
    if (/\p{C}/u.test(name)) return 'a name of Redshift consists of printable characters';
    return /^(public|rdsdb)$/i.test(name) || /^(group|role|ds|pg_)/.test(name) ? 'the name is reserved' : undefined;
  }

  /** In Redshift's grammar, as a superuser, unlogged, in the database `dev`. */
  async execute(sql: string): Promise<Record<string, unknown>[]> {
    return this.#inTurn(async () => {
      this.#superuser ??= await this.#superuserSession('dev');
      return rowsOf(this.#superuser, sql);
    });
  }

  /** One session runs one text at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The same for the catalogue's own session, which keeps the plan of what has a name: to plan takes longer than to read. */
  #read<T extends pg.QueryResultRow>(name: string, text: string, value: string): Promise<pg.QueryResult<T>> {
    return this.#inTurn(() => this.#parts.catalogue.query<T>({ name, text, values: [value] }));
  }

  /** The same in another database. */
  async executeIn(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const session = await this.#superuserSession(database);
    try {
      return await rowsOf(session, sql);
    } finally {
      await session.end();
    }
  }

  /** In PostgreSQL's grammar, for what the front does not take: functions, databases, the model. */
  async below(sql: string, database = 'dev'): Promise<Record<string, unknown>[]> {
    const client = await this.openBelow(database);
    try {
      const answer: unknown = await client.query(sql);
      return ((Array.isArray(answer) ? answer.at(-1) : answer) as pg.QueryResult).rows;
    } finally {
      await this.release(client, database);
    }
  }

  async logsIn(username: string, password: string): Promise<boolean> {
    const user = await this.userOf(username);
    const { passwordWorks } = await import('./test-client.ts');
    return passwordWorks(this, username, password, user?.digest?.startsWith('sha256') === true);
  }

  async hasPassword(username: string, password: string): Promise<boolean> {
    const digest = (await this.userOf(username))?.digest ?? '';
    const [form, hash, salt = ''] = digest.split('|');
    if (form !== 'sha256')
      return (
        digest ===
        `md5${createHash('md5')
          .update(password + username)
          .digest('hex')}`
      );
    return createHash('sha256').update(password).update(Buffer.from(salt, 'hex')).digest('hex') === hash;
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
    await this.#superuser?.end();
    await Promise.all(this.#idle.map((client) => client.end()));
    await this.#parts.catalogue.end();
    await this.#parts.postgres.stop();
  }

  async #superuserSession(database: string): Promise<Session> {
    return Session.start(await this.openBelow(database), { name: this.administrator.username, isSuper: true }, []);
  }
}

/** To compile a plan, or to make one for each value, costs more than to run it. */
const quiet =
  "SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET jit = off; SET plan_cache_mode = force_generic_plan";

/** A session of the superuser of the PostgreSQL below, unlogged. */
export async function openBelow(postgres: RunningPostgres, database: string): Promise<pg.Client> {
  const { username, password } = postgres.superuser;
  const client = new pg.Client({
    host: postgres.host,
    port: postgres.port,
    user: username,
    password,
    database,
    ssl: false,
  });
  // It may be ended while nobody waits.
  client.on('error', () => {});
  await client.connect();
  await client.query(quiet);
  return client;
}

async function rowsOf(session: Session, sql: string): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = [];
  await session.run(sql, (_statement, _answer, result) => {
    rows = (result?.rows ?? []).map((row) =>
      Object.fromEntries((result?.fields ?? []).map(({ name }, index) => [name, row[index]])),
    );
  });
  return rows;
}
