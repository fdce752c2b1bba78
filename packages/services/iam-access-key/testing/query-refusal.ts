/** A refusal as the services answer it. */
export class QueryRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** @throws QueryRefusal as the services' validation does, with its words */
export function validationError(value: string, member: string, constraint: string): QueryRefusal {
  return new QueryRefusal(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
}
