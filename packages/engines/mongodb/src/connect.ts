import { Lifeline, type Where } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, type Login } from '@keyturn/core';
import { MongodbConnection } from './connection.ts';
import { toRotationError } from './errors.ts';
import { membersOf } from './members.ts';
import { type DiscoveryOptions, PrimarySearch } from './primary-search.ts';
import type { Session } from './session.ts';
import { checkUsername } from './username.ts';

/**
 * Logs in: to the server that the secret names, or, where that one says that another is the primary of its
 * replica set, to that other one. There is one login, and one connection when it is done.
 * @throws RotationError; see the engine's README for the causes
 */
export async function openConnection(
  login: Login,
  limits: ConnectLimits,
  options: DiscoveryOptions,
): Promise<MongodbConnection> {
  const where: Where = { endpoint: membersOf(login).map(endpointOf).join(','), user: login.username };
  checkUsername(login.username, where);
  const lifeline = new Lifeline(where, limits);
  const open = () => logInToPrimary(login, lifeline, where, options);
  try {
    const session = await open();
    lifeline.loggedIn();
    const { database = 'admin', username } = login;
    return new MongodbConnection({ session, lifeline, where, username, database, reopen: open });
  } catch (error) {
    lifeline.abandon();
    throw error;
  }
}

async function logInToPrimary(
  login: Login,
  lifeline: Lifeline,
  where: Where,
  options: DiscoveryOptions,
): Promise<Session> {
  const session = await new PrimarySearch(login, lifeline, options).session();
  try {
    await lifeline.during("the server's answer to the login", () => session.logIn(login.password));
    return session;
  } catch (error) {
    session.destroy();
    throw toRotationError(error, 'login', where);
  }
}
