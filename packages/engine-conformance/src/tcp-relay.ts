import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What is done with a piece that a server sends: handed on, or nothing more of this connection is, or it ends here. */
export type RelayAction = 'pass' | 'fall silent' | 'hang up';

export interface TcpRelayOptions {
  /** Where a connection leads, by its number, from 1. */
  readonly upstream: (connection: number) => { readonly host: string; readonly port: number };
  /** Decides on each piece that the server sends on any connection, numbered from 1. @default - every piece passes */
  readonly onServerPiece?: (number: number) => RelayAction;
}

/** A relay of bytes: it understands no protocol and ends no TLS, so it sees what an eavesdropper sees. */
export interface TcpRelay {
  readonly port: number;
  /** Connections that were made. */
  readonly connections: number;
  /** Everything that clients sent, as it was on the wire. */
  sent(): Buffer;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a relay on 127.0.0.1. */
export async function startTcpRelay({ upstream, onServerPiece }: TcpRelayOptions): Promise<TcpRelay> {
  const sent: Buffer[] = [];
  const open = new Set<Socket>();
  let connections = 0;
  let pieces = 0;

  const server = createServer((client) => {
    connections += 1;
    const { host, port } = upstream(connections);
    const far = connect({ host, port, noDelay: true });
    client.setNoDelay(true);
    let silent = false;
    for (const socket of [client, far]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
    }
    const end = () => {
      client.destroy();
      far.destroy();
      open.delete(client);
      open.delete(far);
    };
    client.on('close', end);
    // A server that has fallen silent stays so: its end is not told either.
    far.on('close', () => {
      if (!silent) end();
    });
    client.on('data', (bytes: Buffer) => {
      sent.push(bytes);
      if (!silent) far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      if (silent) return;
      pieces += 1;
      const action = onServerPiece?.(pieces) ?? 'pass';
      if (action === 'pass') client.write(bytes);
      else if (action === 'hang up') end();
      else silent = true;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay got no port');

  return {
    port: address.port,
    get connections() {
      return connections;
    },
    sent: () => Buffer.concat(sent),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
