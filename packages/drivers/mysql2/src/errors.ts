import { type Activity, type Cause, causeOfSocketError, codeOf, errorOf, type Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import type { Dialect } from './dialect.ts';

/** Where a failure happened, and to whom. */
export interface LoginPlace extends Where {
  /** Whether TLS was asked for. */
  readonly encrypted: boolean;
}

/** The server asks for an authentication method that the engine does not take part in. */
export class UnsupportedMethod extends Error {
  readonly plugin: string;

  constructor(plugin: string) {
    super('unsupported authentication method');
    this.plugin = plugin;
  }
}

/** The server asks for the password itself, on a connection without TLS. */
export class PasswordAskedInClear extends Error {}

/** What answers at the port does not behave as a server of this protocol. */
export class NoServer extends Error {}

/**
 * The driver's or the socket's error as ours. Nothing of its text is taken over: it may hold the failing
 * statement.
 */
export function fromDriver(error: unknown, activity: Activity, where: LoginPlace, dialect: Dialect): RotationError {
  if (error instanceof RotationError) return error;
  return errorOf(causeOf(error, activity, where, dialect), where);
}

interface DriverError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly sqlMessage: string;
}

function causeOf(error: unknown, activity: Activity, where: LoginPlace, dialect: Dialect): Cause {
  if (error instanceof UnsupportedMethod) return unsupported(error.plugin, dialect);
  if (error instanceof PasswordAskedInClear) {
    return {
      code: 'auth-method-unsupported',
      message: 'the server asks for the password itself, which is sent over TLS only',
      remedy: 'Remove "ssl": false from the secret, or let the account authenticate by mysql_native_password.',
      driverCode: 'AUTH_SWITCH_PLUGIN_ERROR',
    };
  }
  if (error instanceof NoServer) {
    return { code: 'connection-refused', message: `what answers at this port is no ${dialect.server}` };
  }
  const { errno, sqlMessage, code } = error as Partial<DriverError>;
  // The server's numbers are positive; Node's own are negative.
  if (typeof errno === 'number' && errno > 0) {
    return ofServer({ errno, text: sqlMessage ?? '', driverName: code }, activity, where, dialect);
  }
  return ofDriver(error, activity);
}

function unsupported(plugin: string, { otherMethods, methodRemedy }: Dialect): Cause {
  const name = otherMethods.find(
    (method) => plugin === method || plugin === `client_${method}` || plugin === `${method}_client`,
  );
  return {
    code: 'auth-method-unsupported',
    message: `the server asks for ${name === undefined ? 'an unknown authentication method' : `the authentication method ${name}`}, which is not supported`,
    remedy: methodRemedy,
    driverCode: 'AUTH_SWITCH_PLUGIN_ERROR',
  };
}

/** Numbers that mean something else at a login. */
const deniedStatements: ReadonlyMap<number, string> = new Map([
  [1044, 'ER_DBACCESS_DENIED_ERROR'],
  [1045, 'ER_ACCESS_DENIED_ERROR'],
  [1698, 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR'],
]);

interface Report {
  readonly errno: number;
  readonly text: string;
  readonly driverName: string | undefined;
}

function ofServer({ errno, text, driverName }: Report, activity: Activity, where: LoginPlace, dialect: Dialect): Cause {
  if (errno === 1290) {
    // The name of the option stands in the text as it is, in every language of the server.
    const option = /--([a-z-]+)/.exec(text.replaceAll('_', '-'))?.[1] ?? '';
    const known = dialect.preventingOptions.get(option) ?? {
      code: 'statement-failed',
      message: 'an option of the server prevents the statement',
    };
    return { ...known, driverCode: 'ER_OPTION_PREVENTS_STATEMENT' };
  }
  const denied = activity === 'statement' ? deniedStatements.get(errno) : undefined;
  if (denied !== undefined) {
    return { code: 'missing-privilege', message: 'the user may not do this', driverCode: denied };
  }
  const known = dialect.errors.get(errno);
  if (known === undefined) {
    const driverCode =
      (errno < dialect.driverNamesBelow ? codeOf({ code: driverName }) : undefined) ?? `errno ${errno}`;
    return activity === 'statement'
      ? { code: 'statement-failed', message: 'the server refuses the statement', driverCode }
      : { code: 'login-not-allowed', message: 'the server refuses the connection', driverCode };
  }
  const { name, ...cause } = known;
  const unencrypted = errno === 1045 && !where.encrypted && dialect.refusedWithoutTls !== undefined;
  return {
    ...cause,
    ...(errno === 1227 ? lackingPrivilege(text, dialect) : {}),
    ...(unencrypted ? { remedy: dialect.refusedWithoutTls } : {}),
    driverCode: name,
  };
}

/** The names of privileges stand in the text as they are, in every language of the server. */
function lackingPrivilege(text: string, { privileges }: Dialect): Partial<Cause> {
  const words = text.match(/[A-Z_]+(?: [A-Z_]+)*/g)?.flatMap((found) => found.split(/ OR | or /)) ?? [];
  const named = [...new Set(words.filter((word) => privileges?.has(word)))];
  if (named.length === 0) return {};
  return { message: `the user may not do this: it lacks ${named.join(' or ')}` };
}

const driverCodes: ReadonlyMap<string, Cause> = new Map<string, Cause>([
  ['HANDSHAKE_NO_SSL_SUPPORT', { code: 'tls-not-offered', message: 'the server offers no TLS' }],
  ['AUTH_SWITCH_PLUGIN_ERROR', { code: 'auth-method-unsupported', message: 'the server asks for more than the login' }],
]);

function ofDriver(error: unknown, activity: Activity): Cause {
  const driverCode = codeOf(error);
  const known = driverCodes.get(driverCode ?? '');
  if (known !== undefined) return { ...known, driverCode };
  // The driver's word for an end that comes unasked.
  if (driverCode === 'PROTOCOL_CONNECTION_LOST') {
    return { ...causeOfSocketError({ code: 'ECONNRESET' }, activity), driverCode };
  }
  return causeOfSocketError(error, activity);
}
