import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Transport } from './transport.ts';

test('nothing longer than the request for TLS leaves in the clear where TLS is asked for', async () => {
  const received: Buffer[] = [];
  const ended: Promise<unknown>[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    ended.push(once(socket, 'close'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const needsTls of [true, false]) {
    const accepted = once(server, 'connection');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await Promise.all([once(socket, 'connect'), accepted]);
    const transport = new Transport(socket, Buffer.alloc(0), needsTls);
    const over = new Promise((resolve) => transport.once('close', resolve).once('error', resolve));
    transport.write(Buffer.alloc(36));
    transport.end('the login');
    await over;
    socket.destroy();
  }
  await Promise.all(ended);
  server.close();
  // The control is the second one, to which it makes no difference.
  expect(Buffer.concat(received).toString('latin1').split('the login')).toHaveLength(2);
});
