import { type ErrorCode, RotationError } from '@keyturn/core';
import { preventingOptions, serverErrors } from './server-errors.ts';

/** Where a failure happened, and to whom. */
export interface Where {
  readonly endpoint: string;
  readonly user: string;
  readonly encrypted: boolean;
}

/** What was going on when it failed. */
export type Activity = 'connect' | 'tls' | 'login' | 'statement';

/** The server asks for an authentication method that this engine does not take part in. */
export class UnsupportedMethod extends Error {
  readonly plugin: string;

  constructor(plugin: string) {
    super('unsupported authentication method');
    this.plugin = plugin;
  }
}

/** The certificate of the server was verified and refused. */
export class RefusedCertificate extends Error {
  readonly code: string;

  constructor(code: string) {
    super('refused certificate');
    this.code = code;
  }
}

/** What answers at the port does not behave as a MariaDB server. */
export class NoMariadb extends Error {}

interface Cause {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string | undefined;
  readonly driverCode?: string | undefined;
}

/**
 * The driver's or the socket's error as ours. Nothing of its text is taken over: it may hold the failing
 * statement.
 */
export function fromDriver(error: unknown, activity: Activity, where: Where): RotationError {
  if (error instanceof RotationError) return error;
  const { endpoint, user } = where;
  return new RotationError(...detailed(causeOf(error as Partial<DriverError>, activity, where), { endpoint, user }));
}

interface DriverError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly sqlMessage: string;
}

function detailed(
  { code, ...known }: Cause,
  place: Pick<Where, 'endpoint' | 'user'>,
): ConstructorParameters<typeof RotationError> {
  return [code, { ...known, ...place }];
}

function causeOf(error: Partial<DriverError>, activity: Activity, where: Where): Cause {
  if (error instanceof UnsupportedMethod) return unsupported(error.plugin);
  if (error instanceof RefusedCertificate) return ofCertificate(error.code);
  if (error instanceof NoMariadb) {
    return { code: 'connection-refused', message: 'what answers at this port is no MariaDB server' };
  }
  const { errno, sqlMessage } = error;
  // The server's numbers are positive; Node's own are negative.
  if (typeof errno === 'number' && errno > 0) return ofServer(errno, sqlMessage ?? '', error.code, activity, where);
  return ofSocket(error.code, activity);
}

/** A server may send anything for a name, what it was told in the login too: only known ones are repeated. */
const knownMethods: readonly string[] = [
  'ed25519',
  'parsec',
  'auth_gssapi',
  'dialog',
  'mysql_old_password',
  'mysql_clear_password',
  'sha256_password',
  'caching_sha2_password',
];

function unsupported(plugin: string): Cause {
  const name = knownMethods.find(
    (method) => plugin === method || plugin === `client_${method}` || plugin === `${method}_client`,
  );
  return {
    code: 'auth-method-unsupported',
    message: `the server asks for ${name === undefined ? 'an unknown authentication method' : `the authentication method ${name}`}, which is not supported`,
    remedy: 'Check that the user exists, and let its account authenticate by mysql_native_password.',
    driverCode: 'AUTH_SWITCH_PLUGIN_ERROR',
  };
}

function ofCertificate(driverCode: string): Cause {
  if (driverCode === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 'tls-wrong-host', message: 'the certificate of the server is not for this host', driverCode };
  }
  if (driverCode === 'CERT_HAS_EXPIRED' || driverCode === 'CERT_NOT_YET_VALID') {
    return {
      code: 'tls-untrusted',
      message: 'the certificate of the server has expired, or is not valid yet',
      remedy: 'Renew the certificate of the server.',
      driverCode,
    };
  }
  return { code: 'tls-untrusted', message: 'the certificate of the server cannot be verified', driverCode };
}

/** Numbers that mean something else at a login. */
const deniedStatements: ReadonlyMap<number, string> = new Map([
  [1044, 'ER_DBACCESS_DENIED_ERROR'],
  [1045, 'ER_ACCESS_DENIED_ERROR'],
  [1698, 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR'],
]);

function ofServer(
  errno: number,
  text: string,
  driverName: string | undefined,
  activity: Activity,
  where: Where,
): Cause {
  if (errno === 1290) {
    // The name of the option stands in the text as it is, in every language of the server.
    const option = /--([a-z-]+)/.exec(text.replaceAll('_', '-'))?.[1] ?? '';
    const known = preventingOptions.get(option) ?? {
      code: 'statement-failed',
      message: 'an option of the server prevents the statement',
    };
    return { ...known, driverCode: 'ER_OPTION_PREVENTS_STATEMENT' };
  }
  const denied = activity === 'statement' ? deniedStatements.get(errno) : undefined;
  if (denied !== undefined) {
    return { code: 'missing-privilege', message: 'the user may not do this', driverCode: denied };
  }
  const known = serverErrors.get(errno);
  if (known === undefined) {
    const driverCode = (errno < 1900 ? plainName(driverName) : undefined) ?? `errno ${errno}`;
    return activity === 'statement'
      ? { code: 'statement-failed', message: 'the server refuses the statement', driverCode }
      : { code: 'login-not-allowed', message: 'the server refuses the connection', driverCode };
  }
  const { name, ...cause } = known;
  return { ...cause, ...(errno === 1045 ? refusedLogin(where) : {}), driverCode: name };
}

/** The server tells an account that demands TLS from a wrong password only after the login. */
function refusedLogin({ encrypted }: Where): { readonly remedy?: string } {
  if (encrypted) return {};
  return {
    remedy:
      'Check that the password in the secret is the one that the database has; an account or a server that demands TLS (REQUIRE SSL, require_secure_transport) refuses "ssl": false with the same error.',
  };
}

/** A code as drivers and systems have them; anything else is no code. */
function plainName(reported: string | undefined): string | undefined {
  return reported !== undefined && /^[A-Z][A-Z0-9_]{2,63}$/.test(reported) ? reported : undefined;
}

const socketCodes: ReadonlyMap<string, Cause> = new Map<string, Cause>([
  ['ENOTFOUND', { code: 'host-not-found', message: 'the name of the host cannot be resolved' }],
  ['EAI_AGAIN', { code: 'host-not-found', message: 'the name service does not answer' }],
  ['ECONNREFUSED', { code: 'connection-refused', message: 'nothing listens at this port' }],
  ['ETIMEDOUT', { code: 'connection-timed-out', message: 'the host does not answer' }],
  ['HANDSHAKE_NO_SSL_SUPPORT', { code: 'tls-not-offered', message: 'the server offers no TLS' }],
  ['AUTH_SWITCH_PLUGIN_ERROR', { code: 'auth-method-unsupported', message: 'the server asks for more than the login' }],
]);

const broken = [
  'ECONNRESET',
  'EPIPE',
  'PROTOCOL_CONNECTION_LOST',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
];

function ofSocket(reported: string | undefined, activity: Activity): Cause {
  const driverCode = plainName(reported);
  const known = socketCodes.get(driverCode ?? '');
  if (known !== undefined) return { ...known, driverCode };
  if (broken.includes(driverCode ?? '')) {
    return { code: 'connection-lost', message: `the connection broke off ${when[activity]}`, driverCode };
  }
  if (activity === 'connect') {
    const lookup = driverCode?.startsWith('EAI_') || driverCode?.startsWith('ERR_INVALID');
    return lookup
      ? { code: 'host-not-found', message: 'the name of the host cannot be resolved', driverCode }
      : { code: 'host-unreachable', message: 'the host cannot be reached', driverCode };
  }
  if (activity === 'tls') return { code: 'tls-failed', message: 'the TLS handshake failed', driverCode };
  return {
    code: 'connection-lost',
    message: `the server sent what the driver cannot read ${when[activity]}`,
    driverCode,
  };
}

const when: Readonly<Record<Activity, string>> = {
  connect: 'before the server had greeted',
  tls: 'during the TLS handshake',
  login: 'during the login',
  statement: 'during a statement',
};
