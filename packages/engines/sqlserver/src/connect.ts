import { type Activity, dial, Lifeline } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, type Login, RotationError } from '@keyturn/core';
import { Connection, type ConnectionConfiguration } from 'tedious';
import { SqlServerConnection } from './connection.ts';
import { ErrorTrail, fromLogin, fromTransport, type SqlServerWhere } from './errors.ts';
import { agreeOnTls } from './greet.ts';
import { checkName } from './quoting.ts';
import { secureInPackets, Transport } from './transport.ts';

/** The driver's timers take no more: the lifeline keeps the time. */
const never = 2 ** 31 - 1;

/**
 * Logs in.
 * @throws RotationError; see the engine's README for the causes
 */
export async function openConnection(login: Login, limits: ConnectLimits): Promise<SqlServerConnection> {
  check(login);
  const where: SqlServerWhere = { endpoint: endpointOf(login), user: login.username, database: login.database };
  const lifeline = new Lifeline(where, limits);
  let activity: Activity = 'connect';
  try {
    const socket = await lifeline.during('a connection', () => dial(login, lifeline));
    activity = 'login';
    await lifeline.during("the server's greeting", () => agreeOnTls(socket, login.tls !== false));
    const { tls } = login;
    let stream: ConstructorParameters<typeof Transport>[0] = socket;
    if (tls !== false) {
      activity = 'tls';
      stream = await lifeline.during("the server's part of the TLS handshake", () => secureInPackets(socket, tls));
    }
    activity = 'login';
    const transport = new Transport(stream);
    lifeline.holds(transport);
    const driver = await lifeline.during("the server's answer to the login", () => logIn(login, transport, where));
    lifeline.loggedIn();
    return new SqlServerConnection(driver, transport, lifeline, where);
  } catch (error) {
    lifeline.abandon();
    throw fromTransport(error, activity, where);
  }
}

async function logIn(login: Login, transport: Transport, where: SqlServerWhere): Promise<Connection> {
  const trail = new ErrorTrail();
  const driver = new Connection(configuration(login, transport, trail));
  driver.on('errorMessage', (error) => trail.add(error));
  driver.on('error', () => {
    // Whoever waits on the connection gets the error too; with nobody waiting there is nothing to tell.
  });
  try {
    await new Promise<void>((resolve, reject) => {
      transport.once('close', () =>
        reject(transport.errored ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' })),
      );
      driver.connect((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  } catch (error) {
    driver.close();
    throw fromLogin(error, trail, where);
  } finally {
    forgetPassword(driver);
  }
  return driver;
}

function configuration(login: Login, transport: Transport, trail: ErrorTrail): ConnectionConfiguration {
  let handedOut = false;
  return {
    server: login.host,
    authentication: {
      type: 'default',
      options: { userName: login.username, password: login.password.reveal() },
    },
    options: {
      port: login.port,
      ...(login.database === undefined ? {} : { database: login.database }),
      connector: async () => {
        // A second call is a server that wants to send us elsewhere, where nothing has been verified.
        if (handedOut) {
          trail.rerouted = true;
          throw new Error('rerouted');
        }
        handedOut = true;
        // The driver reads, writes and destroys it, and nothing else.
        return transport as unknown as import('node:net').Socket;
      },
      // Done already, by the transport.
      encrypt: false,
      trustServerCertificate: false,
      connectTimeout: never,
      requestTimeout: 0,
      cancelTimeout: 0,
      maxRetriesOnTransientErrors: 0,
      appName: 'keyturn',
      workstationId: 'keyturn',
      useColumnNames: false,
      fallbackToDefaultDb: false,
      // A statement that fails ends its batch and its transaction: nothing after it runs in the wrong place.
      abortTransactionOnError: true,
    },
  };
}

/** It has done its service: nothing that looks into the driver finds it. */
function forgetPassword(driver: Connection): void {
  const { config } = driver as unknown as { readonly config: { authentication: { options: { password?: string } } } };
  delete config.authentication.options.password;
}

function check({ host, username, password, database }: Login): void {
  if (/[\\,]|^\w+:/.test(host) && !/^[0-9A-Fa-f:.]+$/.test(host)) {
    throw new RotationError('invalid-secret', {
      message: 'host is not a plain host name: it names an instance, a port or a protocol',
      remedy: 'Put the host name alone into host, and the port of the instance into port.',
    });
  }
  checkName(username, 'username');
  if (database !== undefined) checkName(database, 'dbname');
  const text = password.reveal();
  // A longer one the server cannot have, and the driver would send it cut off.
  if (text === '' || text.includes('\0') || text.length > 128) {
    throw new RotationError('invalid-secret', {
      message: 'the password is empty, holds NUL, or has more than 128 characters',
    });
  }
}
