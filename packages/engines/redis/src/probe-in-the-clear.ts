import { connect } from 'node:net';
import { encodeCommand } from './resp.ts';

const patienceMs = 1000;

/**
 * Whether a Redis server answers here without TLS. Sends a PING on a connection of its own and nothing else;
 * nobody logs in. Never rejects.
 * @param hold gets the socket, to destroy it when the time is over
 */
export function answersInTheClear(
  { host, port }: { readonly host: string; readonly port: number },
  hold: (socket: { destroy(): unknown }) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    hold(socket);
    const answer = (inTheClear: boolean): void => {
      socket.destroy();
      resolve(inTheClear);
    };
    socket.once('connect', () => socket.write(encodeCommand(['PING'])));
    // +PONG, -NOAUTH, -DENIED; an alert of TLS begins with another byte.
    socket.once('data', (bytes: Buffer) => answer(/^[+-][A-Z]/.test(bytes.toString('latin1', 0, 2))));
    socket.on('timeout', () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
  });
}
