import type { Socket } from 'node:net';
import { NoServer } from './errors.ts';

/** A greeting, or an error in its place, is some hundred bytes long. */
const longestGreeting = 4096;

/**
 * Waits for the packet with which the server opens the conversation, and leaves the socket paused behind it.
 *
 * The server has nothing to say after it before the client has answered. Bytes that come with it would be
 * read by the driver as if they had come after the TLS handshake, which whoever put them there cannot make.
 * @throws NoServer if it is no greeting, or more than one; the socket's error
 */
export async function readGreeting(socket: Socket): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      socket.off('readable', read).off('error', fail).off('close', closed);
      act();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const closed = (): void => fail(Object.assign(new Error('closed'), { code: 'PROTOCOL_CONNECTION_LOST' }));
    const read = (): void => {
      const chunk: Buffer | null = socket.read();
      if (chunk !== null) bytes = Buffer.concat([bytes, chunk]);
      const state = progressOf(bytes);
      if (state === 'whole') settle(() => resolve(bytes));
      else if (state === 'wrong') fail(new NoServer());
    };
    socket.on('readable', read).on('error', fail).on('close', closed);
    // Whatever came before anyone listened is there already.
    if (socket.errored !== null) fail(socket.errored);
    else if (socket.destroyed) closed();
    else read();
  });
}

/** Protocol version 10, or the mark of an error, in the first packet of the conversation, and nothing behind it. */
function progressOf(bytes: Buffer): 'partial' | 'whole' | 'wrong' {
  if (bytes.length < 5) return 'partial';
  const length = 4 + bytes.readUIntLE(0, 3);
  const [sequence, mark] = [bytes[3], bytes[4]];
  if (sequence !== 0 || (mark !== 0x0a && mark !== 0xff)) return 'wrong';
  if (length > longestGreeting || bytes.length > length) return 'wrong';
  return bytes.length === length ? 'whole' : 'partial';
}
