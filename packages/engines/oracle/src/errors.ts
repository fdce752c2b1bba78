import { type Activity, type Cause, causeOfSocketError, codeOf, errorOf, type Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { driverErrors, serverErrors } from './server-errors.ts';
import { RefusedRedirect, TransportFailure } from './transport.ts';
import { askedFor } from './verify-function.ts';

/** Where a failure happened, and whether by TLS. */
export interface OracleWhere extends Where {
  readonly encrypted: boolean;
}

/** The driver's error as ours. Nothing of its text is taken over: it may hold names, and what a function says. */
export function fromDriver(error: unknown, activity: Activity, where: OracleWhere): RotationError {
  if (error instanceof RotationError) return error;
  return errorOf(causeOf(error, activity, where), where);
}

interface DriverError {
  readonly code?: unknown;
  readonly errorNum?: unknown;
  readonly message?: unknown;
}

function causeOf(error: unknown, activity: Activity, { encrypted }: OracleWhere): Cause {
  if (error instanceof TransportFailure) return causeOfTransport(error);
  if (error instanceof RefusedRedirect) {
    return {
      code: encrypted ? 'tls-not-offered' : 'tls-required',
      message: encrypted
        ? 'the listener sends the client on to a port without TLS'
        : 'the listener sends the client on to a port with TLS',
    };
  }
  const { errorNum, message } = (error ?? {}) as DriverError;
  const text = typeof message === 'string' ? message : '';
  if (typeof errorNum === 'number' && errorNum > 0) return ofServer(errorNum, text, activity);
  const own = /^NJS-(\d{3})/.exec(text)?.[1];
  if (own !== undefined) return ofDriver(Number(own), text, activity, encrypted);
  return causeOfSocketError(error, activity);
}

const portForTls =
  'The secret needs the port of the listener for TLS (TCPS; RDS: that of the option SSL, 2484 unless changed); only for a server without, set "ssl": false.';

function causeOfTransport({ during, reason, heardOf }: TransportFailure): Cause {
  const cause = causeOfSocketError(reason, during);
  if (during === 'connect') return cause;
  const notTls = ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];
  if (notTls.includes(codeOf(reason) ?? '')) {
    return {
      code: 'tls-not-offered',
      message: 'what answers at this port does not speak TLS',
      remedy: portForTls,
      driverCode: codeOf(reason),
    };
  }
  // A listener without TLS may hang up on a client that begins with it; so does a network that breaks.
  return !heardOf && cause.code === 'connection-lost' ? { ...cause, remedy: `Retry. ${portForTls}` } : cause;
}

function ofServer(number: number, text: string, activity: Activity): Cause {
  const driverCode = `ORA-${String(number).padStart(5, '0')}`;
  const known = serverErrors.get(number);
  if (known === undefined) {
    return activity === 'statement'
      ? { code: 'statement-failed', message: 'the server refuses the statement', driverCode }
      : { code: 'login-not-allowed', message: 'the server refuses the connection', driverCode };
  }
  if (number !== 28003) return { ...known, driverCode };
  const asked = askedFor(text);
  return {
    ...known,
    ...(asked === undefined ? {} : { message: `${known.message}: it asks for ${asked}` }),
    driverCode,
  };
}

/** A server that demands it ends the connection without a word. */
const nativeEncryption =
  'Retry. If every login ends so, the server may demand native network encryption or checksums (SQLNET.ENCRYPTION_SERVER or SQLNET.CRYPTO_CHECKSUM_SERVER REQUIRED, ORA-12660), which the thin driver does not speak: set them to ACCEPTED or REQUESTED, and use TLS.';

function ofDriver(number: number, text: string, activity: Activity, encrypted: boolean): Cause {
  const driverCode = `NJS-${String(number).padStart(3, '0')}`;
  // The listener's own number, and that of the negotiation of native services, stand behind the driver's.
  const listeners = Number(/ORA-(\d{4,5})\b/.exec(text)?.[1] ?? 0);
  const known =
    number === 511 || number === 533
      ? (serverErrors.get(listeners) ?? driverErrors.get(number))
      : driverErrors.get(number);
  if (known === undefined) {
    return {
      code: activity === 'statement' ? 'statement-failed' : 'connection-lost',
      message: `the driver does not understand the server ${activity === 'statement' ? 'at a statement' : 'at the login'}`,
      driverCode,
    };
  }
  if (known.code === 'connection-lost' && activity === 'connect' && !encrypted) {
    return {
      code: 'tls-required',
      message: 'the server ends the connection at the first packet without TLS, as a port for TLS does',
      driverCode,
    };
  }
  if (known.code === 'connection-lost' && activity === 'login')
    return { ...known, driverCode, remedy: nativeEncryption };
  const code = listeners > 0 ? `ORA-${String(listeners).padStart(5, '0')}` : driverCode;
  return { ...known, driverCode: number === 511 || number === 533 ? code : driverCode };
}
