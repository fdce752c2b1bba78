import { type CredentialOwner, type ErrorCode, RotationError } from '@keyturn/core';

/** The IAM actions that a rotation calls. */
export type IamAction =
  | 'ListAccessKeys'
  | 'CreateAccessKey'
  | 'DeleteAccessKey'
  | 'UpdateAccessKey'
  | 'GetAccessKeyLastUsed';

/** What a failure of the SDK says that may be told. Its message may hold anything, and is told nowhere. */
interface Failure {
  readonly type: string;
  readonly aborted: boolean;
  readonly code: ErrorCode;
}

const throttled =
  /^(Throttling|ThrottlingException|ThrottledException|RequestLimitExceeded|TooManyRequestsException|SlowDown)$/;
const networkCodes = /^(E[A-Z]+|UND_ERR.*|ERR_TLS.*|CERT_.*|.*_CERTIFICATE.*|.*_CERT_.*)$/;
const denied = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/;

/** Refusals of whoever signed the call. */
const refusedSigner =
  /^(InvalidClientTokenId|SignatureDoesNotMatch|InvalidAccessKeyId|ExpiredToken|ExpiredTokenException|RequestExpired|IncompleteSignature|MissingAuthenticationToken|UnrecognizedClientException|OptInRequired)$/;

/** The RotationError that a failed call of IAM with the function's role becomes. */
export function iamError(action: IamAction, owner: CredentialOwner, error: unknown, endpoint: string): RotationError {
  const { type, aborted, code } = asFailure(error);
  const context = { endpoint, user: owner.user, driverCode: type };
  if (aborted) return outOfTime(`iam:${action}`, endpoint);
  if (type === 'LimitExceeded' || type === 'LimitExceededException') {
    return new RotationError('credential-limit-reached', {
      ...context,
      message: 'the user has as many access keys as IAM allows',
      remedy: 'Retry: the rotation looks again which keys there are. If it stays so, delete one by hand.',
    });
  }
  if (type === 'NoSuchEntity' || type === 'NoSuchEntityException') {
    return new RotationError('credential-unknown', {
      ...context,
      message: `IAM knows no such user or access key in the account of the function's role (iam:${action})`,
    });
  }
  if (denied.test(type)) {
    const resource = owner.identity.split(' ')[0];
    return new RotationError('service-denied', {
      ...context,
      message: `the function's role may not call iam:${action} on ${resource}`,
      remedy: `Allow iam:${action} on ${resource} in the function's role; a permissions boundary or a service control policy may deny it too.`,
    });
  }
  if (refusedSigner.test(type) || type === 'CredentialsProviderError') {
    return new RotationError('service-denied', {
      ...context,
      message: `IAM did not take the credentials of the function's role (iam:${action})`,
      remedy: "Check the function's role; the access key in the secret is not what was refused.",
    });
  }
  const unknownEnd =
    action === 'CreateAccessKey' && code !== 'service-throttled'
      ? '; it is not known whether it made a key: the next try finds it and deletes it'
      : '';
  return new RotationError(code, { ...context, message: `iam:${action} failed${unknownEnd}` });
}

/** The RotationError that a failed call of STS with the key under test becomes. */
export function stsError(error: unknown, endpoint: string): RotationError {
  const { type, aborted, code } = asFailure(error);
  if (aborted) return outOfTime('sts:GetCallerIdentity', endpoint);
  if (refusedSigner.test(type) || denied.test(type)) {
    return new RotationError('login-failed', {
      message: refusalOf(type),
      endpoint,
      driverCode: type,
      remedy:
        'Check in IAM that the access key is there and active. Where it is AWSCURRENT, store one that works with PutSecretValue; a new one may take a while until it is accepted everywhere: retry.',
    });
  }
  return new RotationError(code, { message: 'sts:GetCallerIdentity failed', endpoint, driverCode: type });
}

function refusalOf(type: string): string {
  switch (type) {
    case 'SignatureDoesNotMatch':
      return 'STS knows the access key, and the secret access key is not the one that belongs to it';
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'RequestExpired':
      return 'STS says that the credential or the request has expired';
    case 'OptInRequired':
      return 'STS says that the account is not signed up for the service in this Region';
    default:
      return 'STS does not accept the access key: it is unknown, inactive or deleted, or too new';
  }
}

function outOfTime(what: string, endpoint: string): RotationError {
  return new RotationError('deadline-exceeded', {
    message: `${what} had no answer when the time of the invocation was used up`,
    endpoint,
  });
}

function asFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { type: 'Error', aborted: false, code: 'service-failed' };
  const network = 'code' in error && typeof error.code === 'string' && networkCodes.test(error.code) ? error.code : '';
  const timedOut = error.name === 'TimeoutError';
  // A type is a word; whatever is none comes from an answer that is not the service's.
  const type = network !== '' ? network : /^\w{1,64}$/.test(error.name) ? error.name : 'UnknownError';
  const code = throttled.test(type)
    ? 'service-throttled'
    : network !== '' || timedOut
      ? 'service-unreachable'
      : 'service-failed';
  return { type, aborted: error.name === 'AbortError', code };
}
