import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerCertificate } from '@keyturn/engine-conformance';
import type { Model } from '../database/model.ts';
import { Client } from './client.ts';
import { refusal } from './packets.ts';
import { RestartableTls } from './restartable-tls.ts';

/** How a listener behaves. It may be changed while it runs. */
export interface ListenerOptions {
  readonly certificate: ServerCertificate | undefined;
  readonly serviceNames: readonly string[];
  readonly sids: readonly string[];
  /** The listener's error for every connection, in the place of an acceptance. */
  refuses?: number | undefined;
  /** Where to send every client instead: `(ADDRESS=(PROTOCOL=tcp)(HOST=…)(PORT=…))`. */
  redirects?: string | undefined;
  /** The version of the protocol that it accepts. @default 318 */
  version?: number | undefined;
  /** Ends every conversation that is not encrypted by itself (SQLNET.ENCRYPTION_SERVER = REQUIRED). */
  demandsNativeEncryption?: boolean | undefined;
  /** Hands connections over to a server that begins TLS anew. */
  beginsTlsAnew?: boolean | undefined;
}

export interface Listener {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the listener of a database on 127.0.0.1. */
export async function startListener(
  model: Model,
  options: ListenerOptions,
  log: (line: string) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    const { certificate } = options;
    const secure = certificate === undefined ? undefined : new RestartableTls(socket, certificate);
    const client = new Client(secure?.begin() ?? socket, model, options, log);
    const listen = (stream: Duplex) => stream.on('data', (bytes: Buffer) => read(client, bytes, stream, log));
    client.onTlsAnew = () => {
      if (secure === undefined) throw new Error('no TLS to begin anew');
      return listen(secure.begin());
    };
    listen(client.stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener got no port');
  return {
    port: address.port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function read(client: Client, bytes: Buffer, stream: Duplex, log: (line: string) => void): void {
  try {
    client.read(bytes);
  } catch (error) {
    // What no thin client sends ends the connection; why, the log knows.
    log(`protocol error: ${error instanceof Error ? error.message : 'unknown'}`);
    stream.end(refusal(12569));
  }
}
