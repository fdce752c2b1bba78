import { connect, type Socket } from 'node:net';
import type { Login } from '@keyturn/core';
import type { Lifeline } from './lifeline.ts';

/**
 * Opens a TCP connection, which the lifeline holds from its first moment.
 * @throws Node's own error; {@link causeOfSocketError} tells what it means
 */
export function dial({ host, port }: Pick<Login, 'host' | 'port'>, lifeline: Lifeline): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    lifeline.holds(socket);
    socket.once('connect', () => resolve(socket));
    // Stays for good: an error that comes while nobody listens must not end the process.
    socket.on('error', reject);
  });
}
