import type { Socket } from 'node:net';
import { dial, type Lifeline, secureSocket } from '@keyturn/connection';
import type { Login, VerifiedTls } from '@keyturn/core';
import type { Address, DriverTransport, DriverTransportClass } from './driver-types.ts';

/** Why the transport could not be made, as it was: the driver's own error would only tell its text. */
export class TransportFailure extends Error {
  readonly during: 'connect' | 'tls';
  readonly reason: unknown;
  /** Whether the server has sent anything at all. */
  readonly heardOf: boolean;

  constructor(during: 'connect' | 'tls', reason: unknown, heardOf: boolean) {
    super('no transport');
    this.during = during;
    this.reason = reason;
    this.heardOf = heardOf;
  }
}

/** The listener sends the client on to where this login may not go. */
export class RefusedRedirect extends Error {}

/** What the transports of one login have in common, and what has become of them. */
export interface TransportOptions {
  readonly login: Login;
  readonly lifeline: Lifeline;
  /** The last failure; the driver goes on to the next address of the host after one. */
  failure?: TransportFailure | RefusedRedirect | undefined;
  /** The socket in use. */
  socket?: Socket | undefined;
}

/** By the prefix of the connection's id, which the driver hands on to its transport. */
const open = new Map<string, TransportOptions>();
let count = 0;

/**
 * Makes the driver's connections of this login go over sockets that this engine opens.
 *
 * The driver's own TLS takes no check of ours: it looks for the authorities where it looks for a client's key, sends no
 * name of the server, and a listener could redirect it from TLS to plaintext. What is not told by this prefix goes the
 * driver's own way, untouched.
 * @returns the prefix, for the option connectionIdPrefix
 */
export function claimTransports(Transport: DriverTransportClass, options: TransportOptions): string {
  takeOver(Transport);
  count += 1;
  const prefix = `keyturn-${count}-`;
  open.set(prefix, options);
  return prefix;
}

export function releaseTransports(prefix: string): void {
  open.delete(prefix);
}

const takenOver = new WeakSet<DriverTransportClass>();

function takeOver(Transport: DriverTransportClass): void {
  if (takenOver.has(Transport)) return;
  takenOver.add(Transport);
  const { connect, renegTLS } = Transport.prototype;
  Transport.prototype.connect = function (address): Promise<void> {
    const options = optionsOf(this);
    return options === undefined ? connect.call(this, address) : connectAsClaimed(this, address, options);
  };
  Transport.prototype.renegTLS = function (): Promise<void> {
    const options = optionsOf(this);
    return options === undefined ? renegTLS.call(this) : handshakeAgain(this, options);
  };
}

function optionsOf({ atts }: DriverTransport): TransportOptions | undefined {
  return open.get(/^keyturn-\d+-/.exec(atts.connectionId ?? '')?.[0] ?? '');
}

async function connectAsClaimed(
  transport: DriverTransport,
  address: Address,
  options: TransportOptions,
): Promise<void> {
  const { login, lifeline } = options;
  transport.originHost = address.originHost;
  transport.host = address.host;
  transport.hostName = address.hostname;
  transport.port = address.port;
  const isTls = address.protocol.toUpperCase() === 'TCPS';
  if (isTls !== (login.tls !== false)) {
    options.failure = new RefusedRedirect('another protocol');
    throw options.failure;
  }
  lifeline.nowFor('a connection');
  const socket = await failing(options, 'connect', () =>
    dial({ host: address.host, port: Number(address.port) }, lifeline),
  );
  transport.connStream = socket;
  transport.connected = true;
  if (login.tls !== false) {
    transport.secure = true;
    transport.stream = await secured(socket, login.tls, options);
  } else {
    transport.stream = socket;
  }
  options.socket = transport.stream;
  lifeline.nowFor("the listener's answer");
  // What has failed before, at another address of the host, is not what this login fails of.
  options.failure = undefined;
  ready(transport);
}

/** A dedicated server that the listener has handed the socket to begins a TLS session of its own. */
async function handshakeAgain(transport: DriverTransport, options: TransportOptions): Promise<void> {
  const { tls } = options.login;
  if (tls === false) throw new RefusedRedirect('TLS where none was asked for');
  transport.stream.removeAllListeners();
  keepErrorsHandled(transport.stream);
  transport.stream = await secured(transport.connStream, tls, options);
  options.socket = transport.stream;
  ready(transport);
}

async function secured(socket: Socket, tls: VerifiedTls, options: TransportOptions): Promise<Socket> {
  options.lifeline.nowFor("the server's part of the TLS handshake");
  return failing(options, 'tls', () => secureSocket(socket, tls), socket);
}

async function failing<T>(
  options: TransportOptions,
  during: 'connect' | 'tls',
  work: () => Promise<T>,
  socket?: Socket,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    options.failure = new TransportFailure(during, error, (socket?.bytesRead ?? 0) > 0);
    throw options.failure;
  }
}

function ready(transport: DriverTransport): void {
  transport.setupEventHandlers();
  keepErrorsHandled(transport.stream);
  // Else the driver says goodbye to a socket that is gone, and throws: when it gives a login up, and once more, where
  // nobody can catch it, when the connection is collected as garbage.
  transport.stream.on('close', () => {
    transport.err = true;
  });
}

/** The driver takes its listeners off before it puts new ones on: an error in between must not end the process. */
function keepErrorsHandled(stream: Socket): void {
  stream.on('error', () => {
    // Whoever waits gets it from the driver.
  });
}
