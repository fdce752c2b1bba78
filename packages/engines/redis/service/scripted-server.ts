import type { Socket } from 'node:net';
import { type SilentServer, startSilentServer } from './silent-server.ts';

/**
 * A listener without TLS that gives each command the next of these answers, whatever the command is; after
 * the last it says nothing.
 */
export function startScriptedServer(...answers: readonly (string | Buffer)[]): Promise<SilentServer> {
  const given = new WeakMap<Socket, number>();
  return startSilentServer((socket, chunk) => {
    if (chunk === undefined) return;
    // One command at a time comes, in one piece.
    const count = given.get(socket) ?? 0;
    given.set(socket, count + 1);
    const answer = answers[count];
    if (answer !== undefined) socket.write(answer);
  });
}

/** What a server says to PING before the login, and to the login. */
export const welcome: readonly string[] = ['-NOAUTH Authentication required.\r\n', '+OK\r\n'];
