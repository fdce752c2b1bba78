import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Front, serve } from './connection.ts';

/** Something that listens. */
export interface Listener {
  readonly port: number;
  /** Ends every connection, and listens no more. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(front: Front): Promise<Listener> {
  const sockets = new Set<Socket>();
  const serving = new Set<Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    const service = serve(socket, front).catch((error: unknown) => {
      // A session that broke in a way that is no answer of a server: the test's own client sees it end.
      front.log(`PANIC: ${String(error)}`);
      socket.destroy();
    });
    serving.add(service);
    void service.finally(() => serving.delete(service));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...serving]);
    },
  };
}
