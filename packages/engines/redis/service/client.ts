import { createClient, type RedisClientOptions } from '@redis/client';

/** Where the server is: a socket file, or a host with TLS or without. */
export type ClientSocket =
  | { readonly path: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly tls?: true;
      readonly ca?: string;
      readonly servername?: string;
      readonly rejectUnauthorized?: boolean;
    };

type Client = ReturnType<typeof createClient>;

/** Logs in through the bare driver, lends the client, and ends it. */
export async function withClient<T>(
  socket: ClientSocket,
  login: { readonly username: string; readonly password: string },
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(socket, login);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

/** Logs in through the bare driver, once. */
export async function openClient(
  socket: ClientSocket,
  login: { readonly username: string; readonly password: string },
): Promise<Client> {
  const client = createClient({
    ...login,
    socket: { ...socket, reconnectStrategy: false },
    disableClientInfo: true,
    maintNotifications: 'disabled',
  } as RedisClientOptions);
  client.on('error', () => {
    // Whoever waits on the client gets the error too.
  });
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw error;
  }
  return client as unknown as Client;
}
