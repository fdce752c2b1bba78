/** An error as the service answers it: type, message and HTTP status. Its message never holds a secret value. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The exception's name, such as `ResourceNotFoundException`. */
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status: number = type === 'InternalServiceError' ? 500 : 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export function notFound(message: string = "Secrets Manager can't find the specified secret."): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message);
}

export function resourceExists(message: string): ServiceError {
  return new ServiceError('ResourceExistsException', message);
}

export function validation(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function serialization(message: string): ServiceError {
  return new ServiceError('SerializationException', message);
}

export function invalidName(): ServiceError {
  return validation(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

export function accessDenied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message);
}

export function malformedPolicy(message: string): ServiceError {
  return new ServiceError('MalformedPolicyDocumentException', message);
}

export function publicPolicy(message: string): ServiceError {
  return new ServiceError('PublicPolicyException', message);
}
