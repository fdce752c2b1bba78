import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A relay on loopback through which every new connection takes so many milliseconds longer. */
export interface SlowRoad {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens a road to `port`. */
export async function slowRoad(port: number, connectMs: number): Promise<SlowRoad> {
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (near) => {
    sockets.add(near);
    near.on('error', () => near.destroy());
    near.on('close', () => sockets.delete(near));
    setTimeout(() => {
      const far = connect(port, '127.0.0.1');
      sockets.add(far);
      far.setNoDelay();
      near.setNoDelay();
      far.on('error', () => near.destroy());
      far.on('close', () => sockets.delete(far));
      near.pipe(far);
      far.pipe(near);
    }, connectMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
