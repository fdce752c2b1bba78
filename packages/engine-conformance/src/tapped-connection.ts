import { connect, isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { ClientMessage, TlsInMessages, WireConversation } from './wire-protocol.ts';
import type { WireLogin, WirePoint, WireTapOptions } from './wire-tap.ts';

/** What a connection tells the tap. */
export interface TapRecord {
  point(point: WirePoint): void;
  login(login: WireLogin): void;
  fault(fault: string): void;
  closed(): void;
}

/** `messages`: the client's messages are read one by one, after TLS has started or where there is none. */
type Phase = 'clear' | 'tls-asked' | 'messages';

/** One client's connection through the tap, and the tap's own to the server. */
export class TappedConnection {
  readonly #number: number;
  readonly #options: WireTapOptions;
  readonly #record: TapRecord;
  readonly #conversation: WireConversation;
  #client: Socket;
  #server: Socket | undefined;
  #stopListening: () => void = () => {};
  #phase: Phase = 'clear';
  /** Bytes of the client that make no whole message yet. */
  #unread: Buffer = Buffer.alloc(0);
  /** Bytes of the server's answer to a request for TLS that is not whole yet. */
  #unreadAnswer: Buffer = Buffer.alloc(0);
  #user = '';
  #frozen = false;
  #over = false;
  /** The statement whose answer has not begun. */
  #statement: { readonly text: string | undefined; readonly answered: () => void } | undefined;
  #answered: Promise<void> = Promise.resolve();
  /** What came from either side is worked off in order, also while a point is being decided. */
  #fromClient: Promise<void> = Promise.resolve();
  #fromServer: Promise<void> = Promise.resolve();

  constructor(client: Socket, number: number, options: WireTapOptions, record: TapRecord) {
    this.#client = client;
    this.#number = number;
    this.#options = options;
    this.#record = record;
    this.#conversation = options.protocol.open();
    client.setNoDelay(true);
    client.on('error', () => this.destroy());
    client.on('close', () => this.destroy());
  }

  /** Decides the connection's first point, then relays. */
  start(): void {
    this.#run('fromClient', async () => {
      if (!(await this.#pass({ connection: this.#number, kind: 'connect', moment: 'before' }))) return;
      const { host, port } = this.#options.upstream;
      const server = connect({ host, port, noDelay: true });
      this.#server = server;
      this.#listen(this.#client, server);
    });
  }

  /** Ends both sides at once. */
  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    this.#client.destroy();
    this.#server?.destroy();
    this.#statement?.answered();
    this.#record.closed();
  }

  #listen(client: Socket, server: Socket): void {
    const clientSent = (bytes: Buffer) => {
      // Kept at once: when TLS starts, whatever has arrived by then belongs to the handshake.
      this.#unread = Buffer.concat([this.#unread, bytes]);
      this.#run('fromClient', () => this.#readClient());
    };
    const clientEnded = () => this.#run('fromClient', async () => void this.#server?.end());
    const serverSent = (bytes: Buffer) => this.#run('fromServer', () => this.#readServer(bytes));
    const serverGone = () => this.#serverGone();
    const serverFailed = (error: NodeJS.ErrnoException) => {
      // A server that ends a connection hard is the client's to see, not a fault of the tap.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
        this.#record.fault(`the connection to the server: ${error.code ?? ''} ${error.message}`);
      }
      this.#serverGone();
    };
    client.on('data', clientSent).on('end', clientEnded);
    server.on('data', serverSent).on('end', serverGone).on('close', serverGone).on('error', serverFailed);
    this.#stopListening = () => {
      client.off('data', clientSent).off('end', clientEnded);
      server.off('data', serverSent).off('end', serverGone).off('close', serverGone).off('error', serverFailed);
    };
  }

  #serverGone(): void {
    // First what it sent before it went.
    if (!this.#frozen) this.#run('fromServer', async () => void this.#client.end(() => this.destroy()));
  }

  async #readClient(): Promise<void> {
    if (this.#phase === 'tls-asked') return;
    if (this.#phase === 'clear') {
      const before = this.#conversation.beforeTls(this.#unread);
      if (before === undefined) return;
      this.#server?.write(this.#take(before.length));
      if (before.startsTls) return this.#askForTls();
      this.#phase = 'messages';
    }
    for (;;) {
      const message = this.#conversation.nextClientMessage(this.#unread);
      if (message === undefined) return;
      if (!(await this.#relay(message))) return;
    }
  }

  #take(length: number): Buffer {
    const taken = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length);
    return taken;
  }

  #askForTls(): void {
    this.#phase = 'tls-asked';
    if (!this.#conversation.serverAnswersStartTls) this.#startTls();
  }

  #startTls(): void {
    const [client, server] = [this.#client, this.#server];
    if (server === undefined) return;
    this.#stopListening();
    client.pause();
    // What the client sent of its handshake already goes back to where TLS reads it.
    if (this.#unread.length > 0) client.unshift(this.#take(this.#unread.length));
    const { certificate, upstream } = this.#options;
    const inMessages = this.#conversation.tlsInMessages;
    const limit = inMessages === undefined ? {} : { maxVersion: inMessages.maxVersion };
    const secureClient = new tls.TLSSocket(inMessages?.wrap(client) ?? client, {
      isServer: true,
      cert: certificate.certificate,
      key: certificate.key,
      ...limit,
    });
    secureClient.on('error', () => this.destroy());
    secureClient.on('close', () => this.destroy());
    const name = isIP(upstream.host) === 0 ? { servername: upstream.host } : {};
    const secureServer = tls.connect({
      // TLS takes any stream for a socket.
      socket: (inMessages?.wrap(server) ?? server) as Socket,
      host: upstream.host,
      ca: upstream.ca,
      ...name,
      ...limit,
    });
    server.on('error', () => {
      // The TLS socket around it reports the same.
    });
    this.#client = secureClient;
    this.#server = secureServer;
    this.#phase = 'messages';
    this.#listen(secureClient, secureServer);
  }

  async #relay(message: ClientMessage): Promise<boolean> {
    if (message.user !== undefined) this.#user = message.user;
    if (message.kind === 'statement') {
      // One at a time, so that the next bytes of the server are the answer to this one.
      await this.#answered;
      const text = message.text === undefined ? {} : { text: message.text };
      if (!(await this.#pass({ connection: this.#number, kind: 'statement', moment: 'before', ...text }))) return false;
      this.#answered = new Promise((answered) => {
        this.#statement = { text: message.text, answered };
      });
    }
    this.#server?.write(this.#take(message.length));
    return true;
  }

  async #readServer(bytes: Buffer): Promise<void> {
    if (this.#phase === 'tls-asked') return this.#readTlsAnswer(bytes);
    const statement = this.#statement;
    if (statement !== undefined) {
      this.#statement = undefined;
      const text = statement.text === undefined ? {} : { text: statement.text };
      const passed = await this.#pass({ connection: this.#number, kind: 'statement', moment: 'after', ...text });
      statement.answered();
      if (!passed) return;
    }
    const outcome = this.#conversation.readServer(bytes);
    if (outcome !== undefined) {
      this.#record.login({ connection: this.#number, user: this.#user, outcome, at: Date.now() });
    }
    if (
      outcome === 'logged-in' &&
      !(await this.#pass({ connection: this.#number, kind: 'connect', moment: 'after' }))
    ) {
      return;
    }
    this.#client.write(bytes);
  }

  async #readTlsAnswer(bytes: Buffer): Promise<void> {
    const inMessages = this.#conversation.tlsInMessages;
    if (inMessages !== undefined) {
      this.#readWholeTlsAnswer(bytes, inMessages);
      return;
    }
    this.#client.write(bytes.subarray(0, 1));
    if (bytes.toString('latin1') === 'S') return this.#startTls();
    // The server says no, or sends an error: whatever follows is in the clear.
    this.#phase = 'clear';
    if (bytes.length > 1) this.#client.write(bytes.subarray(1));
    this.#run('fromClient', () => this.#readClient());
  }

  /** Nothing follows an answer that starts TLS: the server waits for the client's handshake then. */
  #readWholeTlsAnswer(bytes: Buffer, inMessages: TlsInMessages): void {
    this.#unreadAnswer = Buffer.concat([this.#unreadAnswer, bytes]);
    const answer = inMessages.readAnswer(this.#unreadAnswer);
    if (answer === undefined) return;
    this.#client.write(this.#unreadAnswer);
    if (answer.startsTls) {
      this.#startTls();
      return;
    }
    this.#phase = 'clear';
    this.#run('fromClient', () => this.#readClient());
  }

  /** Records a point and does what is decided there; whether the connection goes on. */
  async #pass(point: WirePoint): Promise<boolean> {
    if (this.#over || this.#frozen) return false;
    this.#record.point(point);
    const action = (await this.#options.onPoint?.(point)) ?? 'pass';
    if (action === 'drop') this.destroy();
    if (action === 'freeze') this.#freeze();
    return action === 'pass' && !this.#over;
  }

  #freeze(): void {
    this.#frozen = true;
    this.#stopListening();
    this.#server?.on('error', () => {}).destroy();
    // Reads on, and forgets, to notice when the client goes.
    this.#client.on('end', () => this.destroy());
    this.#client.resume();
  }

  #run(side: 'fromClient' | 'fromServer', work: () => Promise<unknown>): void {
    const guarded = async () => {
      if (this.#over || this.#frozen) return;
      try {
        await work();
      } catch (error) {
        this.#record.fault(error instanceof Error ? error.message : String(error));
        this.destroy();
      }
    };
    if (side === 'fromClient') this.#fromClient = this.#fromClient.then(guarded);
    else this.#fromServer = this.#fromServer.then(guarded);
  }
}
