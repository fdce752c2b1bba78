import { randomBytes } from 'node:crypto';
import type { RunningService } from '@keyturn/engine-conformance';
import { EJSON } from 'bson';
import type { Dialect, Document } from './double/context.ts';
import { type Double, type DoubleOptions, startDouble } from './double/start-double.ts';
import { furnish, furnishNamed, makeFurnishings, ownRole } from './furnish.ts';
import { beyondTheDriver, logsIn } from './log-in.ts';
import { rightsOf } from './rights-of.ts';

export type MongodbServerOptions = DoubleOptions;

/** A running double, with what this engine's own tests need besides. */
export interface RunningMongodb extends RunningService {
  readonly double: Double;
  /** Whether this user of this database logs in: through the vendor's own driver, over verified TLS. */
  logsInTo(db: string, username: string, password: string): Promise<boolean>;
}

const master = 'keyturn_master';
const database = 'admin';

/** Starts a double with an administrator, on a free port of 127.0.0.1. */
export async function startMongodb(dialect: Dialect, options: MongodbServerOptions = {}): Promise<RunningMongodb> {
  const double = await startDouble(dialect, options);
  const administrator = { username: master, password: randomBytes(18).toString('base64url') };
  const furnishing = { run: double.run, kind: dialect.kind, mark: '' };
  await makeFurnishings(furnishing);
  await double.run(database, {
    createUser: master,
    pwd: administrator.password,
    roles: [{ role: 'userAdminAnyDatabase', db: 'admin' }],
  });
  const { mechanisms } = dialect;
  const logsInTo = (db: string, username: string, password: string) => {
    const port = double.ports[double.set.primary ?? 0] ?? 0;
    const ca = options.tls === false ? undefined : double.ca;
    return logsIn({ host: 'localhost', port, ca, mechanisms }, { db, username, password });
  };
  return {
    host: 'localhost',
    port: double.port,
    ca: double.ca,
    database,
    engineName: dialect.kind === 'docdb' ? 'docdb' : 'mongodb',
    administrator,
    double,
    async createUser(username, password) {
      await double.run(database, {
        createUser: username,
        pwd: password,
        roles: [{ role: 'readWrite', db: 'app' }, ownRole('')],
      });
    },
    furnish: (username) => furnish(furnishing, database, username),
    furnishNamed: (username, name) => furnishNamed(furnishing, database, username, name),
    rightsOf: async (username) => rightsOf(double, database, username),
    refusesUsername: (name) => beyondTheDriver(dialect, name),
    refusedLogins: async (username) => double.log.refusedLogins(username),
    async execute(statement) {
      const { db, command } = EJSON.parse(statement, { relaxed: false }) as { db: string; command: Document };
      return [{ ...(await double.run(db, command)) }];
    },
    logsIn: (username, password) => logsInTo(database, username, password),
    logsInTo,
    hasPassword: async (username, password) => double.hasPassword(database, username, password),
    log: () => double.log.text(),
    stop: () => double.stop(),
  };
}
