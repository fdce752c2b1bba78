import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  type DatabaseService,
  type DockerImage,
  givenService,
  type RunningService,
  type ServiceUrl,
} from '@keyturn/engine-conformance';
import { furnish, makeFurnishings, rightsOf } from './given-rights.ts';
import { openSession, oracleNumber, type RunSql, serviceNameOf, statementsOf } from './given-session.ts';
import { secretName } from './secret-name.ts';
import { protocol } from './wire.ts';

/**
 * An Oracle Database that somebody has: `oracle://system:password@host:2484/service?ca=/path`, of a container database
 * the service of a pluggable one; `?tls=off` for a port without TLS. Its user has the role DBA. Users, a profile and a
 * role of new names are made, and dropped in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'oracle', protocol, url, defaultPort: 2484, start: givenOracle });
}

/** ORA numbers of a login that is refused for what the user is or knows. */
const refusals = [1017, 1045, 28000, 28001];

async function givenOracle(given: ServiceUrl): Promise<RunningService> {
  const { host, port, ca, administrator } = given;
  const mark = `keyturn_test_${randomBytes(5).toString('hex')}`;
  const made = new Set<string>();
  const run = statementsOf(given);
  const quoted = (username: string) => `"${secretName(username)}"`;
  const dropAll = async () => {
    // A name in double quotes has no twin of the usual name.
    const names = [...made].flatMap((name) => [name, `${name}_clone`]).map(secretName);
    const users = names.filter((name) => !name.includes('"')).map((name) => `"${name}"`);
    await dropEach(run, [
      ...[...users, `${mark}_owner`].map((user) => `DROP USER ${user} CASCADE`),
      `DROP ROLE ${mark}_role`,
      `DROP PROFILE ${mark} CASCADE`,
    ]);
  };
  // What is asked about a password is asked by logging in: nobody but SYS can read verifiers. So no refusal may lock.
  await run(
    `CREATE PROFILE ${mark} LIMIT FAILED_LOGIN_ATTEMPTS UNLIMITED PASSWORD_REUSE_TIME UNLIMITED PASSWORD_REUSE_MAX UNLIMITED PASSWORD_VERIFY_FUNCTION NULL`,
  );
  try {
    await makeFurnishings(run, mark, `Kt1_${randomBytes(10).toString('hex')}`);
  } catch (error) {
    await dropAll().catch((failure: unknown) => {
      throw new AggregateError([error, failure], 'not everything could be made, nor dropped again');
    });
    throw error;
  }
  const logsIn = async (username: string, password: string) => {
    try {
      await (await openSession(given, username, password)).close();
      return true;
    } catch (error) {
      if (refusals.includes(oracleNumber(error) ?? 0)) return false;
      throw error;
    }
  };
  return {
    host,
    port,
    ca,
    administrator,
    database: serviceNameOf(given),
    engineName: 'oracle',
    async createUser(username, password) {
      made.add(username);
      await run(`CREATE USER ${quoted(username)} IDENTIFIED BY "${password}" PROFILE ${mark}`);
      await run(`GRANT CREATE SESSION TO ${quoted(username)}`);
    },
    furnish: (username) => furnish(run, mark, username),
    rightsOf: (username) => rightsOf(run, username),
    refusesUsername: (name) => (/["\0]/.test(name) ? 'no name holds a double quote or a NUL' : undefined),
    execute: run,
    logsIn,
    hasPassword: logsIn,
    // What somebody's server logs is not to be had.
    log: () => '',
    stop: dropAll,
  };
}

/** How long the server may take to see that a session's client is gone, in milliseconds. */
const sessionEndsMs = 30_000;

/** One that fails keeps none of the others from being dropped. @throws AggregateError of what could not be dropped */
async function dropEach(run: RunSql, statements: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  const deadline = Date.now() + sessionEndsMs;
  for (const statement of statements) {
    for (;;) {
      const error = await run(statement).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      const number = oracleNumber(error ?? {});
      // There is no such user, role or profile.
      if (error === undefined || [1918, 1919, 2380].includes(number ?? 0)) break;
      // The user is connected: a session whose connection a test has cut off is still being cleared away.
      if (number === 1940 && Date.now() < deadline) {
        await setTimeout(200);
        continue;
      }
      failures.push(error);
      break;
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything that was made could be dropped');
}

/** Oracle Database Free in the image that its community uses; it listens without TLS. */
export const docker: DockerImage = {
  image: 'gvenzl/oracle-free:23-slim-faststart',
  port: 1521,
  readyWhen: /DATABASE IS READY TO USE!/,
  settings: ({ password }) => ({ environment: { ORACLE_PASSWORD: password } }),
  url: ({ host, port, password }) => `oracle://system:${encodeURIComponent(password)}@${host}:${port}/FREEPDB1?tls=off`,
};
