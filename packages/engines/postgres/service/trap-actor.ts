import type { TrapActor, TrapSocket } from '@keyturn/engine-conformance';
import { sslRequestCode } from './wire.ts';

/** How the trap asks for the password: the numbers of PostgreSQL's authentication requests, or SCRAM. */
export type AuthenticationRequest = 'scram' | 'cleartext' | 'md5' | { readonly code: number };

/** Plays a PostgreSQL server until the client has sent what proves its password. */
export function trapActor(request: AuthenticationRequest = 'scram'): TrapActor {
  return {
    async open(socket, offersTls) {
      const bytes = await readAtLeast(socket, 8);
      if (bytes.readInt32BE(4) !== sslRequestCode) {
        socket.unread(bytes);
        return false;
      }
      socket.unread(bytes.subarray(8));
      socket.write(Buffer.from(offersTls ? 'S' : 'N'));
      return offersTls;
    },
    async login(socket) {
      await readAtLeast(socket, 8);
      if (request === 'cleartext') return proof(socket, authentication(3));
      if (request === 'md5') return proof(socket, authentication(5, Buffer.from('salt')));
      if (request !== 'scram') return proof(socket, authentication(request.code));
      socket.write(authentication(10, Buffer.from('SCRAM-SHA-256\0\0')));
      const first = (await readAtLeast(socket, 5)).toString('latin1');
      const nonce = /r=([^,]+)$/.exec(first)?.[1] ?? '';
      await proof(socket, authentication(11, Buffer.from(`r=${nonce}trap,s=${btoa('0123456789abcdef')},i=4096`)));
    },
  };
}

async function proof(socket: TrapSocket, request: Buffer): Promise<void> {
  socket.write(request);
  await readAtLeast(socket, 5);
}

/** An authentication request of the server: its type, its length, its number, and what goes with it. */
export function authentication(code: number, rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.write('R', 0, 'latin1');
  head.writeInt32BE(8 + rest.length, 1);
  head.writeInt32BE(code, 5);
  return Buffer.concat([head, rest]);
}

async function readAtLeast(socket: TrapSocket, length: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) bytes = Buffer.concat([bytes, await socket.read()]);
  return bytes;
}
