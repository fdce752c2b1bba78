import { connect } from 'node:net';
import type { Lifeline } from '@keyturn/connection';
import { Conversation } from './conversation.ts';
import type { Member } from './members.ts';

const patienceMs = 1000;

/**
 * Whether a MongoDB server answers here without TLS. Asks what it is on a connection of its own, and nothing
 * else; nobody logs in, nobody is named. Never rejects.
 */
export async function answersInTheClear({ host, port }: Member, lifeline: Lifeline): Promise<boolean> {
  const socket = connect({ host, port });
  lifeline.holds(socket);
  const timer = setTimeout(() => socket.destroy(), patienceMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      // Stays for good: an error that comes while nobody listens must not end the process.
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
    });
    await new Conversation(socket).ask('admin', { isMaster: 1 });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
