import type { TrapActor, TrapSocket } from '@keyturn/engine-conformance';
import { readCommand } from './wire.ts';

const tlsHandshake = 0x16;

/**
 * Plays a Redis server until the client has sent AUTH or HELLO with AUTH. Without TLS it does with a handshake
 * what Redis does: it waits for the end of a line, says nothing, and never finds it.
 */
export function trapActor(): TrapActor {
  return {
    async open(socket, offersTls) {
      const bytes = await socket.read();
      socket.unread(bytes);
      return offersTls && bytes[0] === tlsHandshake;
    },
    async login(socket) {
      for (;;) {
        const args = await nextCommand(socket);
        if (args.some((arg) => arg.toUpperCase() === 'AUTH')) return;
        socket.write(Buffer.from('-NOAUTH Authentication required.\r\n'));
      }
    },
  };
}

async function nextCommand(socket: TrapSocket): Promise<readonly string[]> {
  let bytes = await socket.read();
  for (;;) {
    const command = bytes[0] === tlsHandshake ? undefined : readCommand(bytes);
    if (command !== undefined) {
      socket.unread(bytes.subarray(command.length));
      return command.args;
    }
    bytes = Buffer.concat([bytes, await socket.read()]);
  }
}
