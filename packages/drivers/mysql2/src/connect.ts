import { type Activity, dial, Lifeline } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, type Login, type VerifiedTls } from '@keyturn/core';
import { type Connection, createConnection } from 'mysql2';
import { authMethodsOf } from './auth-methods.ts';
import { DriverConnection, type OpenedConnection } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { fromDriver, type LoginPlace } from './errors.ts';
import { readGreeting } from './greeting.ts';
import { Transport } from './transport.ts';

/**
 * Logs in.
 * @throws RotationError; see the engine's README for the causes
 */
export async function openConnection(login: Login, limits: ConnectLimits, dialect: Dialect): Promise<DriverConnection> {
  const where: LoginPlace = { endpoint: endpointOf(login), user: login.username, encrypted: login.tls !== false };
  const lifeline = new Lifeline(where, limits);
  let activity: Activity = 'connect';
  try {
    const socket = await lifeline.during('a connection', () => dial(login, lifeline));
    const greeting = await lifeline.during("the server's greeting", () => readGreeting(socket));
    const transport = new Transport(socket, greeting, login.tls !== false);
    lifeline.holds(transport);
    activity = 'login';
    const driver = await lifeline.during("the server's answer to the login", () =>
      logIn(login, transport, lifeline, dialect),
    );
    lifeline.loggedIn();
    const another: OpenedConnection['another'] = (password) => openConnection({ ...login, password }, limits, dialect);
    return new DriverConnection({ driver, transport, lifeline, where, dialect, another });
  } catch (error) {
    lifeline.abandon();
    throw fromDriver(error, activity, where, dialect);
  }
}

/** What the driver's types leave out: it calls this when it has asked the server for TLS. */
interface DriverInternals {
  startTLS(done: (error?: Error) => void): void;
}

async function logIn(login: Login, transport: Transport, lifeline: Lifeline, dialect: Dialect): Promise<Connection> {
  const { tls } = login;
  const driver = createConnection({
    stream: transport,
    host: login.host,
    port: login.port,
    user: login.username,
    ...(login.database === undefined ? {} : { database: login.database }),
    // The lifeline keeps the time.
    connectTimeout: 0,
    charset: 'UTF8MB4_UNICODE_CI',
    flags: ['-LOCAL_FILES'],
    authPlugins: authMethodsOf(dialect.methods, () => transport.encrypted),
    connectAttributes: { program_name: 'keyturn' },
    jsonStrings: true,
    disableEval: true,
    // Makes the driver ask for TLS. It could not log in with these options: it has no password yet.
    ...(tls === false ? {} : { ssl: { rejectUnauthorized: true, verifyIdentity: true, ca: [] } }),
  });
  driver.on('error', () => {
    // Whoever waits on the connection gets the error too; with nobody waiting there is nothing to tell.
  });
  let failedTls: unknown;
  if (tls === false) givePassword(driver, login);
  (driver as unknown as DriverInternals).startTLS = (done) => {
    secure(transport, tls, lifeline).then(
      () => {
        givePassword(driver, login);
        done();
      },
      (error: unknown) => {
        failedTls = error;
        done(new Error('TLS failed'));
      },
    );
  };
  try {
    await new Promise<void>((resolve, reject) => {
      driver.connect((error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  } catch (error) {
    if (failedTls === undefined) throw error;
    throw fromDriver(failedTls, 'tls', { endpoint: endpointOf(login), user: login.username, encrypted: true }, dialect);
  } finally {
    // It has done its service: nothing that looks into the driver finds it.
    delete driver.config.password;
  }
  return driver;
}

/** The driver gets the password here and nowhere else: without TLS, or once TLS is verified. */
function givePassword(driver: Connection, login: Login): void {
  driver.config.password = login.password.reveal();
}

async function secure(transport: Transport, tls: VerifiedTls | false, lifeline: Lifeline): Promise<void> {
  if (tls === false) throw new Error('no TLS was asked for');
  lifeline.nowFor("the server's part of the TLS handshake");
  await transport.startTls(tls);
  lifeline.nowFor("the server's answer to the login");
}
