import type { FailureCause, RunningService, ServerProcess } from '@keyturn/engine-conformance';
import pg from 'pg';
import { loginGroups } from './access-rules.ts';
import { failureCauses } from './failure-causes.ts';
import { baseOfSql, furnishings, rolesOf } from './furnish.ts';
import { namedThingCount, namedThings } from './furnish-named.ts';
import type { ServerState } from './postgres-server.ts';
import { rightsOf } from './rights-of.ts';
import { matchesStored, randomPassword } from './stored-password.ts';

interface Parts {
  /** @default 'localhost' */
  readonly host?: string;
  readonly port: number;
  readonly ca: string;
  /** TLS options of the tests' own logins. */
  readonly tls: pg.ClientConfig['ssl'];
  readonly superuser: { readonly username: string; readonly password: string };
  /** The process, where it is the tests' own. */
  readonly own?: {
    readonly server: ServerProcess;
    readonly relaunch: (state: ServerState) => Promise<ServerProcess>;
    readonly removeData: () => void;
  };
  /** Somebody's own server: all that is made there has this mark in its name. */
  readonly given?: { readonly mark: string; readonly maintenanceDatabase: string };
}

/** A PostgreSQL that runs, with what this engine's own tests need besides. */
export class RunningPostgres implements RunningService {
  readonly engineName = 'postgres';
  readonly host: string;
  readonly database: string;
  readonly port: number;
  readonly ca: string;
  readonly administrator: { readonly username: string; readonly password: string };
  readonly superuser: { readonly username: string; readonly password: string };
  readonly causes: readonly FailureCause[] = failureCauses((statement) => this.execute(statement));
  readonly #parts: Parts;
  #server: ServerProcess | undefined;
  #earlierLog = '';
  /** Kept open: a session costs the server a process, which is most of what a statement takes. */
  #session: pg.Client | undefined;
  /** One after another: between the statements of one, no other's are run. */
  #turn: Promise<unknown> = Promise.resolve();
  #named = 0;
  /** Users that were made here. */
  readonly #users: string[] = [];
  /** How often each user, with its twin, has been furnished. */
  readonly #rounds = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#server = parts.own?.server;
    this.host = parts.host ?? 'localhost';
    this.database = parts.given === undefined ? 'app' : `keyturn_test_${parts.given.mark}`;
    this.port = parts.port;
    this.ca = parts.ca;
    this.superuser = parts.superuser;
    const mark = parts.given === undefined ? '' : ` ${parts.given.mark}`;
    this.administrator = { username: `keyturn master${mark}`, password: randomPassword() };
  }

  /** Makes the administrator, the groups that access rules name, and the database. */
  async createRoles(): Promise<void> {
    const { username, password } = this.administrator;
    // Access rules are the tests' own server's.
    const groups = this.#parts.given === undefined ? Object.values(loginGroups) : [];
    await this.#asSuperuser(
      this.#maintenanceDatabase,
      ...groups.map((group) => `CREATE ROLE ${group} NOLOGIN`),
      `CREATE ROLE ${pg.escapeIdentifier(username)} LOGIN CREATEROLE PASSWORD ${pg.escapeLiteral(password)}`,
      `CREATE DATABASE ${this.database}`,
    );
  }

  get #maintenanceDatabase(): string {
    return this.#parts.given?.maintenanceDatabase ?? 'postgres';
  }

  async createUser(username: string, password: string): Promise<void> {
    this.#users.push(username);
    await this.#execute(
      // From 16 on, whoever creates a role gets the ADMIN OPTION on it.
      `SET ROLE ${pg.escapeIdentifier(this.administrator.username)}`,
      `CREATE ROLE ${pg.escapeIdentifier(username)} LOGIN PASSWORD ${pg.escapeLiteral(password)}`,
    );
  }

  async furnish(username: string): Promise<void> {
    const base = await this.#inTurn(async (session) => {
      const { rows } = await session.query<{ base: string }>(baseOfSql, [pg.escapeIdentifier(username), username]);
      return rows[0]?.base ?? username;
    });
    const round = this.#rounds.get(base) ?? 0;
    this.#rounds.set(base, round + 1);
    const administrator = this.administrator.username;
    await this.execute(
      furnishings({ login: username, base, administrator, database: this.database, round }).join('; '),
    );
  }

  async furnishNamed(username: string, name: string): Promise<number> {
    this.#named += 1;
    const statements = namedThings(username, this.administrator.username, name, this.#named);
    await this.#execute(...statements);
    return namedThingCount;
  }

  async rightsOf(username: string): Promise<readonly string[]> {
    return this.#inTurn((session) => rightsOf(session, username));
  }

  execute(statement: string): Promise<Record<string, unknown>[]> {
    return this.#execute(statement);
  }

  async logsIn(username: string, password: string): Promise<boolean> {
    const client = this.#client(username, password, this.database);
    try {
      await client.connect();
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === '28P01') return false;
      throw error;
    } finally {
      await client.end();
    }
  }

  /** Whether the server has this password for the user, as its catalogue says: nobody logs in. */
  async hasPassword(username: string, password: string): Promise<boolean> {
    const { rows } = await this.#inTurn((session) =>
      session.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [username]),
    );
    return matchesStored(rows[0]?.rolpassword ?? null, username, password);
  }

  log(): string {
    return this.#earlierLog + (this.#server?.log() ?? '');
  }

  /** Ends the server and starts it again on the same port and data. A standby never becomes a primary again. */
  async restart(state: ServerState): Promise<void> {
    const { own } = this.#parts;
    if (own === undefined || this.#server === undefined) throw new Error("somebody's own server is not restarted");
    await this.#closeSession();
    await this.#server.stop();
    this.#earlierLog += this.#server.log();
    this.#server = await own.relaunch(state);
  }

  async stop(): Promise<void> {
    await this.#closeSession();
    if (this.#parts.own === undefined) await this.#takeAllAway();
    await this.#server?.stop();
    this.#parts.own?.removeData();
  }

  /** The database first: then no role owns anything any more. */
  async #takeAllAway(): Promise<void> {
    const roles = [
      ...this.#users.flatMap((name) => [name, `${name}_clone`]).map((name) => pg.escapeIdentifier(name)),
      ...[...this.#rounds.keys()].flatMap(rolesOf),
      pg.escapeIdentifier(this.administrator.username),
    ];
    await this.#asSuperuser(
      this.#maintenanceDatabase,
      `DROP DATABASE ${this.database} WITH (FORCE)`,
      ...roles.map((role) => `DROP ROLE IF EXISTS ${role}`),
    );
  }

  #client(user: string, password: string, database: string, options = ''): pg.Client {
    return new pg.Client({ host: this.host, port: this.port, user, password, database, options, ssl: this.#parts.tls });
  }

  /** In the tests' own database. */
  #execute(...statements: readonly string[]): Promise<Record<string, unknown>[]> {
    return this.#inTurn((session) => run(session, statements));
  }

  async #inTurn<T>(use: (session: pg.Client) => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      const session = await this.#openSession();
      try {
        const value = await use(session);
        await session.query('DISCARD ALL');
        return value;
      } catch (error) {
        // Whatever it has left open.
        await this.#closeSession();
        throw error;
      }
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  async #openSession(): Promise<pg.Client> {
    if (this.#session !== undefined) return this.#session;
    const session = await this.#superuserClient(this.database);
    // Tests end sessions, this one too.
    session.on('error', () => {
      if (this.#session === session) this.#session = undefined;
    });
    this.#session = session;
    return session;
  }

  async #closeSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }

  /** Unlogged: the log must show what the engine sends, not what the tests do. */
  async #superuserClient(database: string): Promise<pg.Client> {
    const { username, password } = this.superuser;
    const client = this.#client(username, password, database, '-c log_statement=none -c log_min_error_statement=panic');
    await client.connect();
    return client;
  }

  async #asSuperuser(database: string, ...statements: readonly string[]): Promise<void> {
    const client = await this.#superuserClient(database);
    try {
      await run(client, statements);
    } finally {
      await client.end();
    }
  }
}

async function run(client: pg.Client, statements: readonly string[]): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = [];
  for (const statement of statements) {
    const result: unknown = await client.query(statement);
    // Several statements in one text give a list of results.
    rows = ((Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult<Record<string, unknown>>).rows;
  }
  return rows;
}
