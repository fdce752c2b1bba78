import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { makeAuthority } from './certificates.ts';
import { TrapSocket } from './trap-socket.ts';

/** Hostile servers, each of which a client must leave before it says who it is. */
export const hostileKinds = ['no-tls', 'untrusted', 'expired', 'wrong-host'] as const;

/**
 * What a trap does: `no-tls` refuses TLS, `untrusted` shows a certificate of an authority that the client
 * does not know, `expired` one of an hour ago, `wrong-host` one for another host; `trusted` does it right.
 */
export type TlsTrapKind = (typeof hostileKinds)[number] | 'trusted';

/** Plays an engine's server far enough that a careless client sends what proves its password. */
export interface TrapActor {
  /**
   * Plays what comes before TLS.
   * @param offersTls whether the server offers TLS
   * @returns whether TLS starts now; else the rest goes on in the clear
   */
  open(socket: TrapSocket, offersTls: boolean): Promise<boolean>;
  /** Plays the login until the client has sent its proof. */
  login(socket: TrapSocket): Promise<void>;
}

/** A listener that looks like a database server and records all that it hears. */
export interface TlsTrap {
  readonly host: 'localhost';
  readonly port: number;
  /** PEM of the authority that the client is told to trust. */
  readonly ca: string;
  /** Connections that were made. */
  readonly connections: number;
  /** Every byte received, as it was on the wire. */
  received(): Buffer;
  /** Every byte that a client sent inside TLS, decrypted. */
  decrypted(): Buffer;
  /** Resolves when every connection made so far has ended. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a trap on 127.0.0.1. A client that verifies TLS must leave it before {@link TlsTrap.decrypted}
 * or, in the clear, {@link TlsTrap.received} holds any of its login.
 */
export async function startTlsTrap(kind: TlsTrapKind, actor: TrapActor): Promise<TlsTrap> {
  const trusted = makeAuthority('Keyturn tests');
  const hour = 3_600_000;
  const { certificate: cert, key } = {
    'no-tls': () => trusted.sign(),
    trusted: () => trusted.sign(),
    untrusted: () => makeAuthority('Keyturn tests').sign(),
    expired: () => trusted.sign({ notBefore: new Date(Date.now() - 2 * hour), notAfter: new Date(Date.now() - hour) }),
    'wrong-host': () => trusted.sign({ hosts: ['other.example', '192.0.2.1'] }),
  }[kind]();
  const received: Buffer[] = [];
  const decrypted: Buffer[] = [];
  const open = new Set<Promise<unknown>>();
  const sockets = new Set<Socket>();
  let connections = 0;

  const play = async (socket: Socket) => {
    const clear = new TrapSocket(socket, (bytes) => received.push(bytes));
    if (!(await actor.open(clear, kind !== 'no-tls'))) return actor.login(clear);
    const secure = new tls.TLSSocket(clear.release(), { isServer: true, cert, key });
    await actor.login(new TrapSocket(secure, (bytes) => decrypted.push(bytes)));
  };
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    open.add(closed.then(() => sockets.delete(socket)));
    socket.on('error', () => socket.destroy());
    // The play ends with the proof, or earlier: a client that leaves is what the trap hopes for.
    play(socket)
      .catch(() => {})
      .finally(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the trap got no port');

  return {
    host: 'localhost',
    port: address.port,
    ca: trusted.certificate,
    get connections() {
      return connections;
    },
    received: () => Buffer.concat(received),
    decrypted: () => Buffer.concat(decrypted),
    quiet: async () => void (await Promise.all(open)),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
