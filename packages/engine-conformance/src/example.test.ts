import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { causeOfSocketError, dial, errorOf, Lifeline, secureSocket, type Where } from '@keyturn/connection';
import { type ConnectLimits, type Engine, endpointOf, type Login, RotationError } from '@keyturn/core';
import {
  type DatabaseService,
  makeAuthority,
  type RunningService,
  type WireProtocol,
} from '@keyturn/engine-conformance';
import { describeConformance } from '@keyturn/engine-conformance/suite';

/** The engine: what a rotation does on a server that speaks lines of JSON inside TLS. */
const tally: Engine<Connection> = {
  name: 'tally',
  secret: { engines: ['tally'], defaultPort: 7007, usernameMaxBytes: 200 },
  passwords: {
    minLength: 1,
    maxLength: 100,
    characters: Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join(''),
    excludedByDefault: '/@"\'\\',
  },
  connect: (login, limits) => Connection.open(login, limits),
  ping: async (connection) => void (await connection.ask({ do: 'ping' })),
  changeOwnPassword: async (connection, next) => {
    await connection.ask({ do: 'password', password: next.reveal() });
  },
  close: async (connection) => connection.end(),
};

class Connection {
  readonly #socket: Socket;
  readonly #lifeline: Lifeline;
  readonly #where: Where;

  private constructor(socket: Socket, lifeline: Lifeline, where: Where) {
    this.#socket = socket;
    this.#lifeline = lifeline;
    this.#where = where;
  }

  static async open(login: Login, limits: ConnectLimits): Promise<Connection> {
    const { username: user, password, tls } = login;
    if (user === '' || user.includes('\0')) {
      throw new RotationError('invalid-secret', { message: 'no user has this name' });
    }
    const where = { endpoint: endpointOf(login), user };
    const lifeline = new Lifeline(where, limits);
    let activity: 'connect' | 'tls' | 'login' = 'connect';
    try {
      const socket = await lifeline.during('a connection', () => dial(login, lifeline));
      activity = 'tls';
      const stream = await lifeline.during('the TLS handshake', async () =>
        tls === false ? socket : secureSocket(socket, tls),
      );
      lifeline.holds(stream);
      activity = 'login';
      const connection = new Connection(stream, lifeline, where);
      const answer = await connection.ask({ do: 'login', user, password: password.reveal() });
      if (answer === 'refused') throw errorOf({ code: 'login-failed', message: 'the login was refused' }, where);
      lifeline.loggedIn();
      return connection;
    } catch (error) {
      lifeline.abandon();
      throw error instanceof RotationError ? error : errorOf(causeOfSocketError(error, activity), where);
    }
  }

  /** One line out, one line in. */
  async ask(message: object): Promise<string> {
    try {
      return await this.#lifeline.during('an answer', async () => {
        const gone = Object.assign(new Error('closed'), { code: 'ECONNRESET' });
        if (this.#socket.destroyed) throw gone;
        this.#socket.write(`${JSON.stringify(message)}\n`);
        const [bytes] = await Promise.race([
          once(this.#socket, 'data') as Promise<[Buffer]>,
          once(this.#socket, 'close').then(() => Promise.reject(gone)),
        ]);
        const answer = bytes.toString().trimEnd();
        if (!['ok', 'welcome', 'refused'].includes(answer)) throw gone;
        return answer;
      });
    } catch (error) {
      throw error instanceof RotationError ? error : errorOf(causeOfSocketError(error, 'statement'), this.#where);
    }
  }

  end(): void {
    this.#lifeline.release();
    this.#socket.destroySoon();
  }
}

/** What the wire tap must know: TLS from the first byte, then one message a line. */
const protocol: WireProtocol = {
  open: () => ({
    serverAnswersStartTls: false,
    beforeTls: (bytes) => (bytes.length === 0 ? undefined : { length: 0, startsTls: bytes[0] === 0x16 }),
    nextClientMessage(bytes) {
      const end = bytes.indexOf('\n');
      if (end === -1) return undefined;
      const message = JSON.parse(bytes.toString('utf8', 0, end));
      const length = end + 1;
      return message.do === 'login' ? { length, kind: 'login', user: message.user } : { length, kind: 'statement' };
    },
    readServer(bytes) {
      const answer = bytes.toString();
      return answer === 'welcome\n' ? 'logged-in' : answer === 'refused\n' ? 'refused' : undefined;
    },
  }),
};

/** The service: starts a server, and looks at it by other means than the engine's. */
const service: DatabaseService = {
  engine: 'tally',
  version: '1',
  protocol,
  tlsOnly: true,
  async prepare() {},
  async start({ certificate } = {}): Promise<RunningService> {
    const users = new Map<string, string>();
    const authority = makeAuthority('Tally');
    const { certificate: cert, key } = certificate ?? authority.sign();
    const server = createServer({ cert, key }, (socket) => serve(socket, users));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const logsIn = async (user: string, password: string) => {
      const socket = connect({ host: 'localhost', port, ca: authority.certificate });
      socket.write(`${JSON.stringify({ do: 'login', user, password })}\n`);
      const [bytes] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return bytes.toString() === 'welcome\n';
    };
    return {
      host: 'localhost',
      port,
      ca: authority.certificate,
      administrator: { username: 'nobody', password: 'there is no administrator' },
      database: 'none',
      engineName: 'tally',
      createUser: async (username, password) => void users.set(username, password),
      execute: async () => [],
      logsIn,
      hasPassword: async (username, password) => users.get(username) === password,
      log: () => '',
      stop: async () => void server.close(),
    };
  },
};

function serve(socket: TLSSocket, users: Map<string, string>): void {
  let who: string | undefined;
  let unread = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    unread += bytes.toString();
    for (let end = unread.indexOf('\n'); end !== -1; end = unread.indexOf('\n')) {
      const message = JSON.parse(unread.slice(0, end));
      unread = unread.slice(end + 1);
      if (message.do === 'login' && users.get(message.user) === message.password) who = message.user;
      if (message.do === 'password' && who !== undefined) users.set(who, message.password);
      socket.write(who === undefined ? 'refused\n' : message.do === 'login' ? 'welcome\n' : 'ok\n');
    }
  });
}

describeConformance(tally, [service]);
