import { type ErrorCode, RotationError, remedies } from './errors.ts';

/** The operations that a rotation calls. */
export type ServiceOperation =
  | 'DescribeSecret'
  | 'GetSecretValue'
  | 'PutSecretValue'
  | 'UpdateSecretVersionStage'
  | 'ListSecretVersionIds'
  | 'GetRandomPassword';

/** Which code each error type of the service, or of the SDK before it, becomes. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ResourceNotFoundException: 'secret-not-found',
  ThrottlingException: 'secrets-manager-throttled',
  Throttling: 'secrets-manager-throttled',
  TooManyRequestsException: 'secrets-manager-throttled',
  RequestLimitExceeded: 'secrets-manager-throttled',
  DecryptionFailure: 'key-denied',
  EncryptionFailure: 'key-denied',
  AccessDeniedException: 'secrets-manager-denied',
  UnrecognizedClientException: 'secrets-manager-denied',
  InvalidSignatureException: 'secrets-manager-denied',
  ExpiredTokenException: 'secrets-manager-denied',
  CredentialsProviderError: 'secrets-manager-denied',
  TimeoutError: 'secrets-manager-unreachable',
};

const networkCodes = /^(E[A-Z]+|UND_ERR.*|ERR_TLS.*|CERT_.*|.*_CERTIFICATE.*|.*_CERT_.*)$/;

/** The RotationError that a failed call becomes. Its `driverCode` is the service's error type. */
export function serviceError(operation: ServiceOperation, error: unknown, endpoint: string): RotationError {
  const { name, message, code } = asFailure(error);
  if (name === 'AbortError') {
    return new RotationError('deadline-exceeded', {
      message: `${operation} had no answer when the time of the invocation was used up`,
      endpoint,
      remedy: `${remedies['secrets-manager-unreachable']} If there is one, raise the function's timeout.`,
    });
  }
  const type = name === 'Error' && code !== undefined ? code : name;
  return new RotationError(codeOf(name, message, code), {
    message: `${operation} failed${reason(operation, message)}`,
    endpoint,
    driverCode: type,
    ...(codes[name] === 'secrets-manager-denied' && !isAboutKey(message)
      ? { remedy: `Allow secretsmanager:${operation} on this secret in the function's role.` }
      : {}),
  });
}

/** Whether the service refused because of the versions' and labels' state: what to do follows from DescribeSecret. */
export function isStateRefusal(error: unknown): error is RotationError {
  return (
    error instanceof RotationError &&
    (error.driverCode === 'ResourceNotFoundException' || error.driverCode === 'InvalidRequestException')
  );
}

function codeOf(name: string, message: string, code: string | undefined): ErrorCode {
  if (isAboutKey(message) && name === 'AccessDeniedException') return 'key-denied';
  const known = codes[name];
  if (known !== undefined) return known;
  return code !== undefined && networkCodes.test(code) ? 'secrets-manager-unreachable' : 'secrets-manager-failed';
}

function isAboutKey(message: string): boolean {
  return /\bKMS\b/i.test(message);
}

/** The service's own words, except where the request held a secret value: a validation error may quote it. */
function reason(operation: ServiceOperation, message: string): string {
  return operation === 'PutSecretValue' || message === '' ? '' : `: ${message.slice(0, 300).replace(/\s+/g, ' ')}`;
}

function asFailure(error: unknown): { name: string; message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { name: 'Error', message: '', code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, code };
}
