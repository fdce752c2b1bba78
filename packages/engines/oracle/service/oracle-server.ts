import { type Authority, makeAuthority, type RunningService, type ServiceOptions } from '@keyturn/engine-conformance';
import { bareDriver } from './bare-driver.ts';
import { causes } from './causes.ts';
import type { Model, Release } from './database/model.ts';
import { newModel } from './database/new-model.ts';
import { run } from './database/run.ts';
import { sys } from './database/session.ts';
import { isInRollover } from './database/users.ts';
import { verifies } from './database/verifier.ts';
import { furnish, furnishings, furnishNamed } from './furnish.ts';
import { rightsOf } from './rights-of.ts';
import { secretName } from './secret-name.ts';
import { maskedPasswords } from './sql/masked-passwords.ts';
import { type ListenerOptions, startListener } from './tns/listener.ts';

/** A double of a database that runs, and what tests may do to it besides. */
export interface RunningOracle extends RunningService {
  readonly model: Model;
  readonly listener: ListenerOptions;
  /** Runs a statement with every right. */
  sql(statement: string): void;
  /** The name of the user, quoted, as the dictionary has it. */
  quoted(username: string): string;
  furnish(username: string): Promise<void>;
  rightsOf(username: string): Promise<readonly string[]>;
}

const master = { username: 'rotation_master', password: 'the master of the double' };

/** What the master of RDS can do, as far as the engine needs it: the rights of the README. */
const masterRights: readonly string[] = [
  'GRANT CREATE SESSION, CREATE USER, ALTER USER TO rotation_master',
  'GRANT SELECT_CATALOG_ROLE TO rotation_master',
  'GRANT GRANT ANY PRIVILEGE, GRANT ANY ROLE, GRANT ANY OBJECT PRIVILEGE TO rotation_master',
];

/** Starts a double with an authority, a master and things to have rights in. */
export async function startOracle(release: Release, options: ServiceOptions = {}): Promise<RunningOracle> {
  const authority: Authority = makeAuthority('Keyturn tests');
  const certificate = options.tls === false ? undefined : (options.certificate ?? authority.sign());
  const model = newModel(release);
  const lines: string[] = [];
  const listener: ListenerOptions = { certificate, serviceNames: ['keyturn'], sids: ['KT'] };
  const { port, stop } = await startListener(model, listener, (line) => lines.push(line));
  const sql = (statement: string) => {
    // As an administrator at the machine itself would, whatever is open for reading only.
    const { readOnly } = model;
    model.readOnly = false;
    try {
      run(model, sys(), statement);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : ''} at ${maskedPasswords(statement)}`);
    } finally {
      model.readOnly = readOnly;
    }
  };
  const quoted = (username: string) => `"${secretName(username)}"`;
  const userOf = (username: string) => model.users.get(secretName(username));
  sql(`CREATE USER ${master.username} IDENTIFIED BY "${master.password}"`);
  for (const statement of [...masterRights, ...furnishings]) sql(statement);

  const logsIn = async (username: string, password: string) => {
    const connection = await bareDriver
      .getConnection({
        user: /^[A-Za-z]\w*$/.test(username) ? username : quoted(username),
        password,
        connectString: `(DESCRIPTION=(ADDRESS=(PROTOCOL=${certificate === undefined ? 'tcp' : 'tcps'})(HOST=localhost)(PORT=${port}))(CONNECT_DATA=(SERVICE_NAME=keyturn)))`,
        // The driver looks for a client's key in there too: an authority comes with one that nobody asks for.
        ...(certificate === undefined
          ? {}
          : { walletContent: `${walletKey.key}${walletKey.certificate}${authority.certificate}` }),
      })
      .catch((error: { readonly errorNum?: number }) => {
        if (error.errorNum !== undefined) return undefined;
        throw error;
      });
    await connection?.close();
    return connection !== undefined;
  };
  const running: RunningOracle = {
    host: 'localhost',
    port,
    ca: options.certificate === undefined ? authority.certificate : options.certificate.certificate,
    administrator: master,
    database: 'keyturn',
    engineName: 'oracle',
    model,
    listener,
    sql,
    quoted,
    async createUser(username, password) {
      sql(`CREATE USER ${quoted(username)} IDENTIFIED BY "${password}"`);
      sql(`GRANT CREATE SESSION TO ${quoted(username)}`);
    },
    furnish: async (username) => furnish(sql, model, secretName(username)),
    furnishNamed: async (username, name) => furnishNamed(sql, model, secretName(username), name),
    rightsOf: async (username) => rightsOf(model, secretName(username)),
    refusesUsername: (name) => (/["\0]/.test(name) ? 'no name holds a double quote or a NUL' : undefined),
    refusedLogins: async (username) => userOf(username)?.refusedLogins ?? 0,
    get causes() {
      return causes(running);
    },
    execute: async (statement) => {
      const { columns, rows } = run(model, sys(), statement);
      return rows.map((row) => Object.fromEntries(row.map((value, index) => [columns[index] ?? '', value])));
    },
    logsIn,
    async hasPassword(username, password) {
      const user = userOf(username);
      if (user === undefined || user.authentication !== 'PASSWORD') return false;
      return (
        verifies(user.verifier, password) ||
        (isInRollover(user, model.now()) && verifies(user.rollover?.verifier, password))
      );
    },
    log: () => lines.join('\n'),
    stop,
  };
  return running;
}

const walletKey = makeAuthority('nobody').sign();
