import type { Socket } from 'node:net';
import { type Cause, plainCode } from '@keyturn/connection';
import { firstMessage, packets, packetType } from './packets.ts';
import { encryption, encryptionIn, prelogin } from './prelogin.ts';

/** The server and this login cannot agree on TLS, or what answers is no SQL Server. */
export class GreetingRefused extends Error {
  override readonly cause: Cause;

  constructor(cause: Cause) {
    super('greeting refused');
    this.cause = cause;
  }
}

/**
 * Agrees with the server on TLS, in the clear, and leaves the socket where TLS or the login begins. Whatever a
 * server sends beyond its one answer ends the connection: nothing that came in the clear is read later.
 * @throws GreetingRefused; an error of the socket
 */
export async function agreeOnTls(socket: Socket, wanted: boolean): Promise<void> {
  socket.write(packets(packetType.prelogin, prelogin(wanted ? encryption.on : encryption.notSupported)));
  const payload = await answer(socket);
  let offered: number;
  try {
    offered = encryptionIn(payload);
  } catch {
    throw noSqlServer();
  }
  const agrees = offered === encryption.on || offered === encryption.required;
  if (wanted && !agrees) {
    throw new GreetingRefused({ code: 'tls-not-offered', message: 'the server offers no TLS' });
  }
  if (!wanted && agrees) {
    throw new GreetingRefused({ code: 'tls-required', message: 'the server takes no login without TLS' });
  }
}

function answer(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let unread = Buffer.alloc(0);
    const settle = (outcome: () => void) => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      socket.pause();
      outcome();
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onEnd = () =>
      settle(() => reject(socket.errored ?? Object.assign(new Error('closed'), { code: plainCode('ECONNRESET') })));
    const onData = (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
      let message: ReturnType<typeof firstMessage>;
      try {
        message = firstMessage(unread, 10_000);
      } catch {
        settle(() => reject(noSqlServer()));
        return;
      }
      if (message === undefined) return;
      const { type, payload, rest } = message;
      settle(() => (type === packetType.reply && rest.length === 0 ? resolve(payload) : reject(noSqlServer())));
    };
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
  });
}

function noSqlServer(): GreetingRefused {
  return new GreetingRefused({
    code: 'connection-refused',
    message: 'what answers at this port is no SQL Server',
    remedy: 'Check host and port in the secret: a named instance has a port of its own.',
  });
}
