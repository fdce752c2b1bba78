/** An error as the server reports it: SQLSTATE, message, and the routine that raised it. */
export class ServerError extends Error {
  readonly code: string;
  readonly routine: string;

  constructor(code: string, message: string, routine = 'redshift_double') {
    super(message);
    this.code = code;
    this.routine = routine;
  }
}

/** What the grammar says to a statement that Redshift does not have. */
export function syntaxError(near: string): ServerError {
  return new ServerError('42601', `syntax error at or near "${near}"`, 'yyerror');
}
