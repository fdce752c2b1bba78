import { randomBytes } from 'node:crypto';
import {
  type DatabaseService,
  type DockerImage,
  givenService,
  type RunningService,
  type ServiceUrl,
} from '@keyturn/engine-conformance';
import { EJSON } from 'bson';
import type { Document } from './double/context.ts';
import { furnish, furnishNamed, makeFurnishings, ownRole, type Run } from './furnish.ts';
import { beyondTheDriver, clientOf, logsIn } from './log-in.ts';
import { protocol } from './wire.ts';

/**
 * A MongoDB that somebody has: `mongodb://admin:password@host:27017?ca=/path`, whose user, of the database admin,
 * has the role root. Roles and users of new names are made, and dropped in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'mongodb', protocol, url, defaultPort: 27_017, start: givenMongodb });
}

const database = 'admin';
const mechanisms = ['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;

async function givenMongodb({ host, port, ca, tls, administrator }: ServiceUrl): Promise<RunningService> {
  const mark = ` ${randomBytes(5).toString('hex')}`;
  const address = { host, port, ca: tls ? ca : undefined, mechanisms };
  const made = new Set<string>();
  const run: Run = async (db, command) => {
    const client = clientOf(address, { db: database, ...administrator });
    try {
      return await client.db(db).command({ ...command });
    } finally {
      await client.close();
    }
  };
  const furnishing = { run, kind: 'mongodb', mark } as const;
  const roles = [...(await makeFurnishings(furnishing))];
  const works = (username: string, password: string) => logsIn(address, { db: database, username, password });
  return {
    host,
    port,
    ca,
    administrator,
    database,
    engineName: 'mongodb',
    async createUser(username, password) {
      made.add(username);
      // What the suite's twins are called.
      made.add(`${username}_clone`);
      const own = [{ role: 'readWrite', db: 'app' }, ownRole(mark)];
      await run(database, { createUser: username, pwd: password, roles: own });
    },
    furnish: (username) => furnish(furnishing, database, username),
    async furnishNamed(username, name) {
      roles.push({ role: name, db: 'app' });
      return furnishNamed(furnishing, database, username, name);
    },
    rightsOf: (username) => rightsOf(run, username),
    refusesUsername: (name) => beyondTheDriver({ mechanisms }, name),
    async execute(statement) {
      const { db, command } = EJSON.parse(statement) as { readonly db: string; readonly command: Document };
      return [{ ...(await run(db, command)) }];
    },
    logsIn: works,
    // MongoDB locks nobody out: a login that is refused leaves nothing behind.
    hasPassword: works,
    // What somebody's server logs is not to be had.
    log: () => '',
    async stop() {
      const names = [...made].map((user) => ({ user, db: database }));
      const { users } = await run(database, { usersInfo: names });
      for (const { user } of users as { readonly user: string }[]) await run(database, { dropUser: user });
      for (const { role, db } of roles) await run(db, { dropRole: role });
    },
  };
}

/** What the server itself says that the user may do. */
async function rightsOf(run: Run, username: string): Promise<readonly string[]> {
  const { users } = await run(database, {
    usersInfo: [{ user: username, db: database }],
    showPrivileges: true,
    showAuthenticationRestrictions: true,
  });
  const [user] = users as Document[];
  if (user === undefined) return [];
  const { roles, inheritedRoles, inheritedPrivileges, mechanisms: has, customData, authenticationRestrictions } = user;
  const lines = (what: string, list: unknown) =>
    ((list ?? []) as readonly unknown[]).map((one) => `<user> ${what} ${EJSON.stringify(one, { relaxed: false })}`);
  return [
    ...lines('is', roles),
    ...lines('is, also through others,', inheritedRoles),
    ...lines('may', inheritedPrivileges),
    ...lines('logs in with', has),
    ...lines('logs in where', authenticationRestrictions),
    ...lines('carries', [customData ?? {}]),
  ].sort();
}

/** The vendor's image, with TLS. */
export const docker: DockerImage = {
  image: 'mongo:8.0',
  port: 27_017,
  readyWhen: /Waiting for connections/,
  // It starts once to make its first user, and then for good.
  readyTimes: 2,
  settings: ({ password, certificate }) => ({
    environment: { MONGO_INITDB_ROOT_USERNAME: 'keyturn', MONGO_INITDB_ROOT_PASSWORD: password },
    command: [
      '--tlsMode',
      'requireTLS',
      '--tlsCertificateKeyFile',
      '/keyturn/server.pem',
      '--tlsCAFile',
      '/keyturn/server.pem',
      '--tlsAllowConnectionsWithoutCertificates',
    ],
    files: [{ target: '/keyturn/server.pem', content: `${certificate.certificate}\n${certificate.key}`, mode: 0o644 }],
  }),
  url: ({ host, port, password, ca }) =>
    `mongodb://keyturn:${encodeURIComponent(password)}@${host}:${port}?ca=${encodeURIComponent(ca)}`,
};
