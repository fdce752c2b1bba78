import { Lifeline } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, hasCode, type Login, RotationError } from '@keyturn/core';
import { connectString, type DatabaseKind } from './connect-string.ts';
import { OracleConnection } from './connection.ts';
import { loadDriver } from './driver.ts';
import type { DriverConnection } from './driver-types.ts';
import { fromDriver, type OracleWhere } from './errors.ts';
import { loginName } from './names.ts';
import { claimTransports, releaseTransports, type TransportOptions } from './transport.ts';

/**
 * Logs in. `dbname` is tried as a service name first; where the listener knows none of it, before anybody has said who
 * he is, as a SID.
 * @throws RotationError; see the engine's README for the causes
 */
export async function openConnection(login: Login, limits: ConnectLimits): Promise<OracleConnection> {
  const where: OracleWhere = { endpoint: endpointOf(login), user: login.username, encrypted: login.tls !== false };
  const lifeline = new Lifeline(where, limits);
  try {
    const user = loginName(login.username);
    if (/^$|\0/.test(login.password.reveal())) {
      throw new RotationError('invalid-secret', { message: 'the password is empty, or holds a NUL character' });
    }
    const opened = await lifeline.during('a connection', () => byServiceOrSid(login, user, lifeline, where));
    lifeline.loggedIn();
    return new OracleConnection({ ...opened, lifeline, where, login });
  } catch (error) {
    lifeline.abandon();
    throw fromDriver(error, 'login', where).with({ endpoint: where.endpoint, user: where.user });
  }
}

interface Opened {
  readonly driver: DriverConnection;
  readonly options: TransportOptions;
}

async function byServiceOrSid(login: Login, user: string, lifeline: Lifeline, where: OracleWhere): Promise<Opened> {
  try {
    return await open('SERVICE_NAME', login, user, lifeline, where);
  } catch (error) {
    if (!hasCode(error, 'unknown-database') || error.driverCode !== 'NJS-518') throw error;
    return await open('SID', login, user, lifeline, where);
  }
}

async function open(
  kind: DatabaseKind,
  login: Login,
  user: string,
  lifeline: Lifeline,
  where: OracleWhere,
): Promise<Opened> {
  const { oracledb, Transport } = await loadDriver();
  const options: TransportOptions = { login, lifeline };
  const prefix = claimTransports(Transport, options);
  try {
    const attributes = {
      user,
      connectString: connectString(kind, login),
      connectionIdPrefix: prefix,
      // A statement is run once: there is nothing to keep it for.
      stmtCacheSize: 0,
      program: 'keyturn',
      osUser: 'keyturn',
      // The lifeline keeps the time; without this the driver would, at 20 seconds.
      transportConnectTimeout: Math.ceil(lifeline.limits.connectTimeoutMs / 1000) + 1,
    };
    // Tracing tools print what the driver is called with, as far as it can be enumerated.
    Object.defineProperty(attributes, 'password', { value: login.password.reveal(), enumerable: false });
    const driver = await oracledb.getConnection(attributes);
    return { driver, options };
  } catch (error) {
    if (error instanceof RotationError) throw error;
    // Until the listener has accepted, no login has begun.
    const activity = heardNothing(options) || isOfListener(error) ? 'connect' : 'login';
    throw fromDriver(options.failure ?? error, activity, where);
  } finally {
    releaseTransports(prefix);
  }
}

/** Not even one packet's head; a server that waits for TLS may send an alert of fewer bytes. */
function heardNothing({ socket }: TransportOptions): boolean {
  return socket === undefined || socket.bytesRead < 8;
}

/** What the listener has said before it accepted. */
function isOfListener(error: unknown): boolean {
  const text = (error as { readonly message?: unknown } | null)?.message;
  return typeof text === 'string' && /^NJS-5(11|18|19|36)/.test(text);
}
