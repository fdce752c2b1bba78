import { type ErrorCode, RotationError } from '../errors.ts';
import type { Rotation } from '../rotation.ts';
import { redactedError } from './redacted-error.ts';
import { masked } from './wide-redactor.ts';

/** The most characters of a hook's own message that are told. */
const longestMessage = 500;

/** How Node, its fetch and OpenSSL name the ways in which a connection fails. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'host-not-found',
  EAI_AGAIN: 'host-not-found',
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'host-unreachable',
  ENETUNREACH: 'host-unreachable',
  ETIMEDOUT: 'connection-timed-out',
  UND_ERR_CONNECT_TIMEOUT: 'connection-timed-out',
  UND_ERR_HEADERS_TIMEOUT: 'connection-timed-out',
  UND_ERR_BODY_TIMEOUT: 'connection-timed-out',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  CERT_HAS_EXPIRED: 'tls-untrusted',
};

/** What to do where the code's own remedy speaks of a database. */
const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  'host-not-found': 'Check the address of the service, and that the VPC of the function can resolve it.',
  'connection-refused': 'Check the port of the service, and that it runs and listens there.',
  'connection-lost': 'The connection broke off; it is not known what took effect. Retry: the rotation finds out.',
  'tls-untrusted': 'No trusted authority signed the certificate of the service: give its CA with NODE_EXTRA_CA_CERTS.',
  'tls-wrong-host': "The certificate names another host: use a name of the service's that it holds.",
  'service-failed': 'Correct what the hook reports, in it or at the service; a retry calls it again.',
};

/**
 * What a hook threw, as a RotationError without cause and without any of these values of the secret. What the hook
 * threw as a RotationError keeps its code.
 */
export function hookError(hook: string, thrown: unknown, values: readonly string[], rotation: Rotation): RotationError {
  const mask = (text: string): string => rotation.redactor.redact(masked(text, values));
  if (thrown instanceof RotationError) return redactedError(thrown, mask);
  const given = codesOf(thrown).find((code) => Object.hasOwn(codes, code));
  const code = given === undefined ? codeByName(thrown, rotation) : (codes[given] ?? 'service-failed');
  const driverCode = given ?? codesOf(thrown)[0];
  const error = new RotationError(code, {
    message: `${hook} failed: ${mask(textOf(thrown)).slice(0, longestMessage)}`,
    driverCode: driverCode === undefined ? undefined : mask(driverCode),
    remedy: remedies[code],
  });
  if (thrown instanceof Error && thrown.stack !== undefined) {
    const frames = thrown.stack.slice(thrown.stack.search(/\n {4}at /));
    if (frames.startsWith('\n')) error.stack = `${error.name}: ${error.message}${mask(frames)}`;
  }
  return error;
}

/** @returns the failure of a hook that the invocation's time ended */
export function outOfTime(hook: string): RotationError {
  return new RotationError('deadline-exceeded', { message: `the invocation's time ran out in ${hook}` });
}

function codeByName(thrown: unknown, { deadline }: Rotation): ErrorCode {
  if (!(thrown instanceof Error) || !['AbortError', 'TimeoutError'].includes(thrown.name)) return 'service-failed';
  return deadline.signal.aborted ? 'deadline-exceeded' : 'connection-timed-out';
}

/** Codes of the error and of its causes; fetch tells the code only there. */
function codesOf(thrown: unknown): string[] {
  const found: string[] = [];
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(code)) found.push(code);
  }
  return found;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'something that is no error was thrown';
}
