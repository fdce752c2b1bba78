import { randomBytes } from 'node:crypto';
import { makeAuthority } from '../../certificates.ts';
import type { DatabaseService, RunningService, ServiceOptions } from '../../service.ts';
import type { ClientMessage, WireProtocol } from '../../wire-protocol.ts';
import { LineServer } from './line-server.fixture.ts';
import { LineUsers, Refusal } from './line-users.fixture.ts';
import { parseStatements } from './statements.fixture.ts';

const lineProtocol: WireProtocol = {
  open: () => ({
    serverAnswersStartTls: true,
    beforeTls(bytes) {
      if (!bytes.includes('\n')) return undefined;
      const startsTls = bytes.toString().startsWith('STARTTLS\n');
      return { length: startsTls ? 9 : 0, startsTls };
    },
    nextClientMessage(bytes): ClientMessage | undefined {
      const end = bytes.indexOf('\n');
      if (end === -1) return undefined;
      const line = bytes.toString('utf8', 0, end);
      const length = end + 1;
      if (line.startsWith('HELLO ')) return { length, kind: 'login', user: JSON.parse(line.slice(6)).user };
      return line.startsWith('DO ') ? { length, kind: 'statement', text: line.slice(3) } : { length, kind: 'other' };
    },
    readServer: (bytes) =>
      bytes.includes('WELCOME\n') ? 'logged-in' : bytes.includes('REFUSED\n') ? 'refused' : undefined,
  }),
};

/** The server of {@link LineServer} as an engine's service folder has it. */
export const lineService: DatabaseService = {
  engine: 'lines',
  version: '1',
  kind: 'double',
  protocol: lineProtocol,
  async prepare() {},
  start,
};

async function start(options: ServiceOptions = {}): Promise<RunningService> {
  const authority = makeAuthority('Line database');
  const administrator = { username: 'master', password: `Aa1${randomBytes(12).toString('hex')}` };
  const users = new LineUsers(administrator.username);
  users.add(administrator.username, administrator.password);
  const certificate = options.tls === false ? undefined : (options.certificate ?? authority.sign());
  const server = new LineServer(users, certificate);
  const port = await server.listen();
  const rounds = new Map<string, number>();
  return {
    host: 'localhost',
    port,
    ca: authority.certificate,
    administrator,
    database: 'any',
    engineName: 'lines',
    createUser: async (username, password) => users.add(username, password),
    async furnish(username) {
      const { rights, twinOf = username } = users.user(username);
      const round = (rounds.get(twinOf) ?? 0) + 1;
      rounds.set(twinOf, round);
      rights.delete(`read shelf ${round - 1}`);
      for (const right of ['read everything', `read shelf ${round}`, `write "box" ${round}`]) rights.add(right);
    },
    rightsOf: async (username) => [...users.user(username).rights].sort(),
    async furnishNamed(username, name) {
      for (const verb of ['read', 'write']) users.user(username).rights.add(`${verb} ${name}`);
      return 2;
    },
    refusedLogins: async (username) => users.all.get(username)?.refused ?? 0,
    causes: [
      {
        name: 'the account is locked',
        code: 'login-failed',
        at: 'connect',
        async arrange(username) {
          users.user(username).refusedInARow = 100;
          return {};
        },
        async undo(username) {
          users.user(username).refusedInARow = 0;
        },
      },
      {
        name: 'the user is gone',
        code: 'statement-failed',
        at: 'resetPassword',
        async arrange(username) {
          users.all.delete(username);
          return {};
        },
      },
    ],
    async execute(statement) {
      return parseStatements(statement).flatMap((each) =>
        users.run(each, administrator.username).map((line) => ({ line })),
      );
    },
    async logsIn(username, password) {
      const user = users.all.get(username);
      const before = user === undefined ? undefined : { ...user };
      const works = users.logIn(username, password);
      // The suite's own look is none of the engine's logins.
      if (user !== undefined && before !== undefined && !works) Object.assign(user, before);
      return works;
    },
    async hasPassword(username, password) {
      try {
        return users.user(username).passwords.includes(password);
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },
    log: () => '',
    stop: () => server.close(),
  };
}
