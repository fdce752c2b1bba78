import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { ServerCertificate } from '@keyturn/engine-conformance';
import type { ClientState, Context, Dialect, Document } from './context.ts';
import { commandNamed, run } from './dispatch.ts';
import { BrokenProtocol, type Request, readRequest, writeAnswer } from './messages.ts';
import { Refusal } from './refusal.ts';
import type { ReplicaSet } from './replica-set.ts';
import type { ServerLog } from './server-log.ts';

/** What a test makes of a command: an answer of the test's, or none. */
export type Fault = Refusal | 'drop' | 'silence';

/** Asked for every command; `after`: it has taken effect, and is about to be answered. */
export type Meddler = (name: string, moment: 'before' | 'after', member: number) => Fault | undefined;

export interface MemberOptions {
  readonly number: number;
  readonly set: ReplicaSet;
  readonly dialect: Dialect;
  /** `undefined`: without TLS. */
  readonly certificate: ServerCertificate | undefined;
  readonly log: ServerLog;
  /** What it says of itself, beside whether it is the primary; needs the ports of all members. */
  readonly describe: (member: number) => Document;
  readonly meddle: Meddler;
}

/** How long a majority is waited for where the command does not say, in milliseconds. */
const patienceMs = 60_000;

/** One server process: it listens, reads, checks and answers. */
export class Member {
  readonly #options: MemberOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  constructor(options: MemberOptions) {
    this.#options = options;
    const { certificate } = options;
    const take = (socket: Socket) => this.#converse(socket);
    this.#server =
      certificate === undefined
        ? createServer(take)
        : tls.createServer({ cert: certificate.certificate, key: certificate.key }, take);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    this.#server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }
  /** Connections that were ever made. */
  get connections(): number {
    return this.#connections;
  }
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the member does not listen');
    return address.port;
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.hangUp();
    await closed;
  }

  /** Ends every connection hard. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #converse(socket: Socket): void {
    this.#connections += 1;
    const { remoteAddress: client = '', localAddress: server = '' } = socket;
    const state: ClientState = {
      id: this.#connections,
      ends: { client, server },
      loggedIn: undefined,
      conversation: undefined,
    };
    let unread: Buffer = Buffer.alloc(0);
    let work: Promise<void> = Promise.resolve();
    const { log, number } = this.#options;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
      try {
        for (let next = readRequest(unread); next !== undefined; next = readRequest(unread)) {
          const { length, request } = next;
          unread = unread.subarray(length);
          work = work.then(() => this.#serve(request, state, socket));
        }
      } catch (error) {
        if (!(error instanceof BrokenProtocol)) throw error;
        log.note(number, state.id, { refused: error.message });
        socket.destroy();
      }
    });
  }

  async #serve(request: Request, state: ClientState, socket: Socket): Promise<void> {
    const { log, number, meddle } = this.#options;
    const name = Object.keys(request.command)[0] ?? '';
    log.command(number, state.id, request.database, request.command);
    const act = (fault: Fault | undefined): object | undefined => {
      if (fault === 'drop') socket.destroy();
      return fault instanceof Refusal ? answerOf(fault) : undefined;
    };
    const before = meddle(name, 'before', number);
    if (before !== undefined) return this.#answer(request, socket, act(before));
    const answer = await this.execute(request, state);
    const after = meddle(name, 'after', number);
    if (after !== undefined) return this.#answer(request, socket, act(after));
    log.note(number, state.id, { answered: name, code: (answer as { code?: number }).code ?? 0 });
    this.#answer(request, socket, answer);
  }

  #answer(request: Request, socket: Socket, answer: object | undefined): void {
    if (answer !== undefined && request.wantsAnswer && !socket.destroyed) socket.write(writeAnswer(request, answer));
  }

  /** Runs a command and gives its answer, refusals too. */
  async execute(
    { command, database, form }: Pick<Request, 'command' | 'database' | 'form'>,
    client: ClientState,
    unlimited = false,
  ): Promise<object> {
    const { set, number, dialect, log, describe } = this.#options;
    const name = Object.keys(command)[0] ?? '';
    try {
      if (form === 'OP_QUERY' && !/^(hello|is[mM]aster)$/.test(name)) {
        throw new Refusal(352, 'UnsupportedOpQueryCommand', `Unsupported OP_QUERY command: ${name}`);
      }
      const isPrimary = set.primary === number;
      const writes = commandNamed(name).writes === true;
      if (writes && !isPrimary) throw new Refusal(10107, 'NotWritablePrimary', 'not primary');
      const context: Context = {
        dialect,
        db: database,
        client,
        store: set.storeOf(number),
        role: { ...describe(number), helloOk: true, ismaster: isPrimary, isWritablePrimary: isPrimary },
        unlimited,
        commit: (store) => set.commit(store),
        login: (user, outcome) => log.login(user, outcome),
      };
      const answer = { ...run(context, command), ok: 1 };
      return writes ? { ...answer, ...(await this.#confirm(command)) } : answer;
    } catch (error) {
      if (error instanceof Refusal) {
        if (name === 'saslStart' && error.code === 18) log.login(userIn(command), 'refused');
        return answerOf(error);
      }
      throw error;
    }
  }

  async #confirm({ writeConcern }: Document): Promise<object> {
    const { w, wtimeout } = (writeConcern ?? {}) as { readonly w?: unknown; readonly wtimeout?: unknown };
    if (w !== 'majority') return {};
    const done = await this.#options.set.majority(wtimeout === undefined ? patienceMs : Number(wtimeout));
    return done
      ? {}
      : {
          writeConcernError: {
            code: 64,
            codeName: 'WriteConcernTimeout',
            errmsg: 'waiting for replication timed out',
            errInfo: { wtimeout: true },
          },
        };
  }
}

function answerOf({ code, codeName, message }: Refusal): object {
  return { ok: 0, errmsg: message, code, codeName };
}

function userIn({ payload }: Document): string {
  const bytes = (payload as { readonly buffer?: Uint8Array } | undefined)?.buffer ?? new Uint8Array();
  return /n=([^,]*)/.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? '';
}
