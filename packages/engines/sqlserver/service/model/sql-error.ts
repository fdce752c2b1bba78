/** A refusal, as SQL Server numbers it (Database Engine events and errors). */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** The line of the batch, from 1. */
  line = 1;

  constructor(number: number, message: string, severity = 16, state = 1) {
    super(message);
    this.number = number;
    this.severity = severity;
    this.state = state;
  }
}

/** Msg 102, or 156 where a keyword is in the way. */
export function syntaxError(near: string, isKeyword = false): SqlError {
  return isKeyword
    ? new SqlError(156, `Incorrect syntax near the keyword '${near}'.`, 15)
    : new SqlError(102, `Incorrect syntax near '${near}'.`, 15);
}

/** Msg 15151: the server does not tell whether it is not there or not to be touched. */
export function cannotFind(verb: 'find' | 'alter' | 'drop', what: string, name: string): SqlError {
  return new SqlError(
    15151,
    `Cannot ${verb} the ${what} '${name}', because it does not exist or you do not have permission.`,
  );
}

/** Msg 15247. */
export function notPermitted(): SqlError {
  return new SqlError(15247, 'User does not have permission to perform this action.');
}
