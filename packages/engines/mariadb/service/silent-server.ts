import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A listener on 127.0.0.1 that does with each connection what a test says. */
export interface SilentServer {
  readonly port: number;
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
  /** Everything that clients have sent. */
  received(): Buffer;
  /** Resolves when the last of the connections made so far has ended. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it; `play` gets each connection, and what the client sends on it, chunk by chunk. */
export async function startSilentServer(
  play: (socket: Socket, chunk?: Buffer) => void = () => {},
): Promise<SilentServer> {
  const open = new Set<Socket>();
  const received: Buffer[] = [];
  const ended: Promise<unknown>[] = [];
  const server = createServer((socket) => {
    open.add(socket);
    // Also after an error, which a client that goes away while something is written to it may leave: `once` would reject.
    ended.push(new Promise((resolve) => socket.once('close', resolve)).then(() => open.delete(socket)));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      play(socket, chunk);
    });
    play(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    open,
    received: () => Buffer.concat(received),
    quiet: async () => void (await Promise.all(ended)),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
