import type { FailureCause, RunningService } from '@keyturn/engine-conformance';
import { causesOf } from './causes.ts';
import { furnish, furnishNamed, makeFurniture } from './furnish.ts';
import { sameName } from './model/names.ts';
import { isPassword } from './model/password-hash.ts';
import { setPassword } from './model/password-policy.ts';
import type { DatabaseState, ServerPrincipal, Thing } from './model/server-state.ts';
import { rightsOf } from './rights-of.ts';
import { SqlSession } from './sql/sql-session.ts';
import { administratorIdentity, type DoubleParts, randomPassword } from './sqlserver-double.ts';
import { tryLogin } from './test-login.ts';

const bracket = (name: string) => `[${name.replaceAll(']', ']]')}]`;

/** A double of SQL Server that runs, with what this engine's own tests need besides. */
export class RunningSqlServer implements RunningService {
  readonly host = 'localhost';
  readonly engineName = 'sqlserver';
  readonly database = 'app';
  readonly port: number;
  readonly ca: string;
  readonly superuser: { readonly username: string; readonly password: string };
  readonly administrator: { readonly username: string; readonly password: string };
  readonly parts: DoubleParts;
  readonly causes: readonly FailureCause[];
  readonly #rounds = new Map<string, number>();

  constructor(parts: DoubleParts) {
    this.parts = parts;
    this.port = parts.port;
    this.ca = parts.ca;
    this.superuser = { username: 'sa', password: parts.saPassword };
    this.administrator = { username: 'keyturn master', password: randomPassword() };
    this.causes = causesOf(this);
  }

  /** The master of the README: no member of sysadmin. */
  async createAdministrator(): Promise<void> {
    makeFurniture(this);
    const { username, password } = this.administrator;
    const name = bracket(username);
    await this.execute(`CREATE LOGIN ${name} WITH PASSWORD = N'${password}'`);
    await this.execute(
      `GRANT ALTER ANY LOGIN, VIEW ANY DEFINITION, CONNECT ANY DATABASE TO ${name}; GRANT ALTER ANY SERVER ROLE, ALTER ANY CREDENTIAL TO ${name}`,
    );
    for (const permission of ['VIEW SERVER STATE', 'CREATE ANY DATABASE', 'CONNECT SQL']) {
      await this.execute(`GRANT ${permission} TO ${name} WITH GRANT OPTION`);
    }
    await this.execute(`GRANT CONNECT ON ENDPOINT::[TSQL Default TCP] TO ${name} WITH GRANT OPTION`);
    await this.execute(`GRANT VIEW DEFINITION ON AVAILABILITY GROUP::[orders group] TO ${name} WITH GRANT OPTION`);
    for (const database of ['app', 'archive', 'contained', 'o]dd "data\'base']) {
      await this.execute(
        `USE ${bracket(database)}; CREATE USER ${name} FOR LOGIN ${name}; ALTER ROLE db_owner ADD MEMBER ${name}`,
      );
    }
  }

  /** The initial password may be any: the policy is checked from then on. */
  async createUser(username: string, password: string): Promise<void> {
    const name = bracket(username);
    await this.execute(`CREATE LOGIN ${name} WITH PASSWORD = N'${randomPassword()}'`);
    await this.execute(`USE [app]; CREATE USER ${name} FOR LOGIN ${name}`);
    setPassword(this.login(username), password);
  }

  /** Makes a user whom the database authenticates. */
  async createContainedUser(username: string, password: string): Promise<void> {
    await this.execute(
      `USE [contained]; CREATE USER ${bracket(username)} WITH PASSWORD = N'${password.replaceAll("'", "''")}'`,
    );
  }

  async furnish(username: string): Promise<void> {
    const base = username.replace(/_clone$/, '');
    const round = this.#rounds.get(base) ?? 0;
    this.#rounds.set(base, round + 1);
    await furnish(this, username, round);
  }

  furnishNamed(username: string, name: string): Promise<number> {
    return furnishNamed(this, username, name);
  }

  async rightsOf(username: string): Promise<readonly string[]> {
    return rightsOf(this.parts.core.state, username);
  }

  refusesUsername(name: string): string | undefined {
    if (name.includes('\0')) return 'no name holds NUL';
    if (name.endsWith(' ')) return 'names are compared without the spaces at their end';
    return name.length > 128 ? 'a name has at most 128 characters' : undefined;
  }

  async refusedLogins(username: string): Promise<number> {
    return this.parts.refused.get(username.toLowerCase()) ?? 0;
  }

  /** Runs a batch as sa, in master unless it goes elsewhere, beside the wire and its logs. */
  async execute(statement: string): Promise<Record<string, unknown>[]> {
    const session = new SqlSession(this.parts.core, administratorIdentity, 1);
    let rows: Record<string, unknown>[] = [];
    for (const happened of await session.run(statement)) {
      if (happened.kind === 'error') {
        throw new Error(`Msg ${happened.error.number}, ${happened.error.message}`);
      }
      if (happened.kind !== 'rows') continue;
      const { columns, rows: cells } = happened.result;
      rows = cells.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    }
    session.end();
    return rows;
  }

  logsIn(username: string, password: string, database: string = this.database): Promise<boolean> {
    return tryLogin(this, username, password, database);
  }

  async hasPassword(username: string, password: string): Promise<boolean> {
    const { state } = this.parts.core;
    // Asked thousands of times: names are compared as they are, as core spells them.
    const login = state.principals.findLast((each) => each.name === username && each.type === 'S');
    const contained = state.databases
      .find(({ name }) => name === 'contained')
      ?.principals.findLast((each) => each.name === username && each.authentication === 2);
    return isPassword((contained ?? login)?.passwordHash, password);
  }

  log(): string {
    return this.parts.lines.join('\n');
  }

  stop(): Promise<void> {
    return this.parts.stop();
  }

  /** A login as the server keeps it. */
  login(username: string): ServerPrincipal {
    const found = this.parts.core.state.principals.find((each) => sameName(each.name, username));
    if (found === undefined) throw new Error(`there is no login ${username}`);
    return found;
  }

  /** A database as the server keeps it. */
  inDatabase(name: string): DatabaseState {
    const found = this.parts.core.state.databases.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no database ${name}`);
    return found;
  }

  /** Puts something into a database that a permission can be about. @returns its id */
  addThing(database: string, thing: Omit<Thing, 'id' | 'owner' | 'columns'> & Partial<Thing>): number {
    const { state } = this.parts.core;
    state.nextId += 1;
    const made: Thing = { owner: thing.schema === undefined ? 1 : null, columns: [], ...thing, id: state.nextId };
    this.inDatabase(database).things = [...this.inDatabase(database).things, made];
    return made.id;
  }
}
