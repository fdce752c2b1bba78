import type { Socket } from 'node:net';
import { type Activity, dial, Lifeline, type Where } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, type Login } from '@keyturn/core';
import { RedisConnection } from './connection.ts';
import { Conversation } from './conversation.ts';
import { NoRedis, Refusal, toRotationError, WantsTls } from './errors.ts';
import { answersInTheClear } from './probe-in-the-clear.ts';
import { secureStream } from './secure-stream.ts';
import { checkUsername } from './username.ts';

/** How long a server may be silent in the TLS handshake before it is asked whether it knows TLS, in milliseconds. */
const patienceMs = 1000;

/**
 * Logs in. Whoever gets OK for AUTH is logged in; nothing else is asked, for the user may have a right to
 * nothing else, and every command that it has no right to stands in the server's ACL LOG.
 * @throws RotationError; see the engine's README for the causes
 */
export async function openConnection(login: Login, limits: ConnectLimits): Promise<RedisConnection> {
  checkUsername(login.username);
  const where: Where = { endpoint: endpointOf(login), user: login.username };
  const lifeline = new Lifeline(where, limits);
  let activity: Activity = 'connect';
  try {
    const socket = await lifeline.during('a connection', () => dial(login, lifeline));
    activity = login.tls === false ? 'login' : 'tls';
    const stream = await lifeline.during("the server's part of the TLS handshake", () =>
      secure(socket, login, lifeline),
    );
    const conversation = new Conversation(stream);
    if (login.tls === false) await lifeline.during("the server's answer", () => checkInTheClear(conversation));
    activity = 'login';
    await lifeline.during("the server's answer to the login", () => logIn(conversation, login));
    lifeline.loggedIn();
    return new RedisConnection(stream, conversation, lifeline, where);
  } catch (error) {
    lifeline.abandon();
    throw toRotationError(error, activity, where);
  }
}

async function secure(socket: Socket, login: Login, lifeline: Lifeline): Promise<Socket> {
  if (login.tls === false) return socket;
  const patience = Math.min(patienceMs, lifeline.limits.connectTimeoutMs / 2);
  const probe = () => answersInTheClear(login, (stream) => lifeline.holds(stream));
  const stream = await secureStream(socket, login.tls, probe, patience);
  lifeline.holds(stream);
  return stream;
}

/**
 * The password goes over a plaintext connection only where the secret says so, and even there not to a server
 * that takes TLS only.
 */
async function checkInTheClear(conversation: Conversation): Promise<void> {
  let reply: unknown;
  try {
    reply = await conversation.ask(['PING']);
  } catch (error) {
    // It ends the connection, after an alert of TLS or without.
    const hungUp = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    throw hungUp || (error instanceof NoRedis && error.isTlsAlert) ? new WantsTls() : error;
  }
  // NOAUTH and NOPERM are what a server answers that waits for the login.
  if (reply instanceof Refusal && (reply.word === 'DENIED' || reply.message.startsWith('ERR max'))) throw reply;
}

async function logIn(conversation: Conversation, { username, password }: Login): Promise<void> {
  // Without a user name this is a login of the user default, and the one form in which the server says that
  // it takes any password.
  const user = username === 'default' ? [] : [username];
  const reply = await conversation.ask(['AUTH', ...user, password.reveal()]);
  if (reply instanceof Refusal) throw reply;
  if (reply !== 'OK') throw new NoRedis();
}
