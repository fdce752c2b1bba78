import { type ErrorCode, RotationError } from '@keyturn/core';

/** The calls that are made. */
export type RdsOperation = 'DescribeDBInstances' | 'DescribeDBClusters' | 'DescribeDBClusterEndpoints';

const denied = /^AccessDenied(Exception)?$|^UnauthorizedOperation$/;
const unauthenticated =
  /^(CredentialsProviderError|ExpiredToken(Exception)?|InvalidClientTokenId|MissingAuthenticationToken|OptInRequired|SignatureDoesNotMatch|UnrecognizedClientException|IncompleteSignature)$/;
const throttled = /^(Throttling(Exception)?|RequestLimitExceeded|TooManyRequestsException|RequestThrottled)$/;
const network = /^(E[A-Z_]+|UND_ERR.*|ERR_TLS.*|CERT_.*|.*_CERT(IFICATE)?_.*|.*_CERTIFICATE)$/;

/** Whether the service knows no server of the name that was asked for. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && /^DB(Instance|Cluster|ClusterEndpoint)NotFound(Fault)?$/.test(error.name);
}

/** The RotationError that a failed call becomes. Its `driverCode` is the service's error code. */
export function rdsError(operation: RdsOperation, error: unknown, endpoint: string): RotationError {
  const { name, message, code } = asFailure(error);
  if (name === 'AbortError') {
    return new RotationError('deadline-exceeded', {
      message: `${operation} had no answer when the time of the invocation was used up`,
      endpoint,
      remedy: `${wayOut} If there is one, raise the function's timeout.`,
    });
  }
  const kind = codeOf(name, code);
  const remedy = kind === 'service-unreachable' ? wayOut : remedyOf(name, operation);
  return new RotationError(kind, {
    message: `${operation} of Amazon RDS failed${message === '' ? '' : `: ${message.slice(0, 300).replace(/\s+/g, ' ')}`}`,
    endpoint,
    driverCode: name === 'Error' && code !== undefined ? code : name,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

const wayOut =
  'Give the function a way to the RDS API: an interface VPC endpoint for rds, or a NAT gateway, and a security group that lets HTTPS out. Or name the server with the option masterService (MASTER_HOST): then no call is needed.';

function codeOf(name: string, code: string | undefined): ErrorCode {
  if (denied.test(name) || unauthenticated.test(name)) return 'service-denied';
  if (throttled.test(name)) return 'service-throttled';
  if (name === 'TimeoutError') return 'service-unreachable';
  return code !== undefined && network.test(code) ? 'service-unreachable' : 'service-failed';
}

function remedyOf(name: string, operation: RdsOperation): string | undefined {
  if (denied.test(name)) return `Allow rds:${operation} in the function's role.`;
  if (unauthenticated.test(name)) {
    return "The service did not take the function's credentials: check its role, its clock, and that the Region is enabled.";
  }
  return undefined;
}

function asFailure(error: unknown): { name: string; message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { name: 'Error', message: '', code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, code };
}
