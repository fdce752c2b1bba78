import { type Socket, connect as tcpConnect } from 'node:net';
import * as tls from 'node:tls';
import type { Where } from '@keyturn/connection';
import { type Login, RotationError } from '@keyturn/core';
import type { Phase } from './errors.ts';

/** PostgreSQL manual, "Message Formats": SSLRequest. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** What {@link openSocket} tells its caller on the way. */
export interface Progress {
  phase(phase: Phase): void;
  /** A socket that must be destroyed when the login is given up. */
  socket(socket: Socket): void;
}

/**
 * Opens the way to the server: TCP, and TLS on it unless the login says otherwise. The driver gets a
 * socket that is ready, so whatever it does, it can neither skip TLS nor loosen it.
 * @throws RotationError for what the server answers; Node's own error otherwise
 */
export async function openSocket(login: Login, where: Where, progress: Progress): Promise<Socket> {
  progress.phase('lookup');
  const socket = tcpConnect({ host: login.host, port: login.port, noDelay: true, keepAlive: true });
  socket.once('lookup', () => progress.phase('connect'));
  progress.socket(socket);
  await until(socket, 'connect');
  if (login.tls === false) return socket;

  progress.phase('ask-for-tls');
  socket.write(sslRequest);
  checkAnswer(await until(socket, 'data'), where);

  progress.phase('tls');
  const name = login.host.replace(/\.$/, '');
  // Only checkServerIdentity reads `host`; without it a certificate for "localhost" would do for an IP address.
  const secure = tls.connect({ host: name, ...login.tls, socket });
  progress.socket(secure);
  await until(secure, 'secureConnect');
  return secure;
}

function checkAnswer(answer: Buffer, where: Where): void {
  if (answer.length === 1 && answer[0] === 0x53) return;
  if (answer.length === 1 && answer[0] === 0x4e) {
    throw new RotationError('tls-not-offered', { ...where, message: 'the server offers no TLS' });
  }
  if (answer[0] === 0x53) {
    // Bytes in the clear that would be taken for a part of what is protected (CVE-2021-23222).
    throw new RotationError('tls-failed', { ...where, message: 'the server sent more than its answer before TLS' });
  }
  if (answer[0] === 0x45) {
    throw new RotationError('server-not-ready', {
      ...where,
      message: 'the server answered the request for TLS with an error',
    });
  }
  throw new RotationError('tls-failed', {
    ...where,
    message: 'what listens there does not speak the protocol of PostgreSQL',
    remedy: 'Check host and port in the secret.',
  });
}

/** Waits for one event; a socket that fails or closes first rejects. */
function until(socket: Socket, event: 'connect' | 'data' | 'secureConnect'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      socket.off(event, onEvent).off('error', onError).off('close', onClose);
      settle();
    };
    const onEvent = (value: unknown) => {
      // What comes next is for TLS to read.
      if (event === 'data') socket.pause();
      done(() => resolve(Buffer.isBuffer(value) ? value : Buffer.alloc(0)));
    };
    const onError = (error: Error) => done(() => reject(error));
    const onClose = () => done(() => reject(new Error('closed')));
    socket.on(event, onEvent).on('error', onError).on('close', onClose);
  });
}
