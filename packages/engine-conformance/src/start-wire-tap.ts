import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TappedConnection } from './tapped-connection.ts';
import type { WireLogin, WirePoint, WireTap, WireTapOptions } from './wire-tap.ts';

/**
 * Starts a relay on 127.0.0.1 that reads along between a driver and its server, and stops, drops or
 * freezes a connection at any of its points. It ends the client's TLS and opens its own, verified, to
 * the server.
 */
export async function startWireTap(options: WireTapOptions): Promise<WireTap> {
  const points: WirePoint[] = [];
  const logins: WireLogin[] = [];
  const faults: string[] = [];
  const open = new Set<TappedConnection>();
  let count = 0;

  const server = createServer((client: Socket) => {
    count += 1;
    const connection = new TappedConnection(client, count, options, {
      point: (point) => points.push(point),
      login: (login) => logins.push(login),
      fault: (fault) => faults.push(fault),
      closed: () => open.delete(connection),
    });
    open.add(connection);
    connection.start();
  });
  server.on('error', (error) => faults.push(`listener: ${error.message}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the tap got no port');

  return {
    port: address.port,
    points,
    logins,
    faults,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of open) connection.destroy();
      await closed;
    },
  };
}
