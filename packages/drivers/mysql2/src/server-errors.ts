import type { ErrorCode } from '@keyturn/core';

/** What an error of the server means here. */
export interface ServerError {
  /** The server's own name for the number. */
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Absent: the remedy of the code. */
  readonly remedy?: string;
}

/** A line of a table of errors. */
export type ServerErrorLine = readonly [errno: number, name: string, code: ErrorCode, message: string, remedy?: string];

const noRight = 'the user may not do this';
const ended = 'the server ended the connection';
const expired = 'the password of the user has expired';

/**
 * The error numbers that mean the same on every server of this protocol.
 * @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 * @see https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
export const sharedServerErrors: readonly ServerErrorLine[] = [
  // The login
  [1040, 'ER_CON_COUNT_ERROR', 'too-many-connections', 'the server has no connection left'],
  [
    1044,
    'ER_DBACCESS_DENIED_ERROR',
    'unknown-database',
    'the user may not use the database, or there is none of that name',
    'Check dbname in the secret, and that the user has a right in that database.',
  ],
  [1045, 'ER_ACCESS_DENIED_ERROR', 'login-failed', 'the server refuses the login'],
  [1049, 'ER_BAD_DB_ERROR', 'unknown-database', 'there is no database of that name'],
  [
    1129,
    'ER_HOST_IS_BLOCKED',
    'login-not-allowed',
    'the server blocks this host after too many broken connections',
    'Run FLUSH HOSTS on the server.',
  ],
  [
    1130,
    'ER_HOST_NOT_PRIVILEGED',
    'login-not-allowed',
    'the server takes no connection from this host',
    "Create the account for the addresses of the function's subnets, or for '%'.",
  ],
  [1203, 'ER_TOO_MANY_USER_CONNECTIONS', 'too-many-connections', 'the user has no connection left'],
  [
    1226,
    'ER_USER_LIMIT_REACHED',
    'too-many-connections',
    'a resource limit of the user is reached',
    'Raise the limits of the user (ALTER USER … WITH MAX_…), or wait until the hour is over.',
  ],
  [
    1698,
    'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
    'login-not-allowed',
    'there is no account for this user from here, or it takes no password',
  ],
  [1862, 'ER_MUST_CHANGE_PASSWORD_LOGIN', 'password-expired', expired],
  // Authentication methods
  [1251, 'ER_NOT_SUPPORTED_AUTH_MODE', 'auth-method-unsupported', 'the account has an old authentication method'],
  [1275, 'ER_SERVER_IS_IN_SECURE_AUTH_MODE', 'auth-method-unsupported', 'the password has the old format'],
  [1372, 'ER_PASSWD_LENGTH', 'auth-method-unsupported', 'the account keeps its password in another format'],
  [1524, 'ER_PLUGIN_IS_NOT_LOADED', 'auth-method-unsupported', 'the plugin of the account is not loaded'],
  [1699, 'ER_SET_PASSWORD_AUTH_PLUGIN', 'auth-method-unsupported', 'the plugin of the account has no password'],
  [1827, 'ER_PASSWORD_FORMAT', 'auth-method-unsupported', 'the account keeps its password in another format'],
  // The server
  [1047, 'ER_UNKNOWN_COM_ERROR', 'server-not-ready', 'the server is not ready for statements'],
  [1053, 'ER_SERVER_SHUTDOWN', 'server-not-ready', 'the server is shutting down'],
  [1152, 'ER_ABORTING_CONNECTION', 'connection-lost', ended],
  [1184, 'ER_NEW_ABORTING_CONNECTION', 'connection-lost', ended],
  [1836, 'ER_READ_ONLY_MODE', 'read-only-server', 'the server is in read-only mode'],
  // The statements
  [
    1131,
    'ER_PASSWORD_ANONYMOUS_USER',
    'missing-privilege',
    'the server took the login for its anonymous account, which may not change passwords',
    "Drop the anonymous account (DROP USER ''@'…').",
  ],
  [1132, 'ER_PASSWORD_NOT_ALLOWED', 'missing-privilege', noRight],
  [
    1133,
    'ER_PASSWORD_NO_MATCH',
    'invalid-secret',
    'the server does not know this account any more',
    'Create the user, or check username in the secret.',
  ],
  [1142, 'ER_TABLEACCESS_DENIED_ERROR', 'missing-privilege', noRight],
  [1143, 'ER_COLUMNACCESS_DENIED_ERROR', 'missing-privilege', noRight],
  [1227, 'ER_SPECIFIC_ACCESS_DENIED_ERROR', 'missing-privilege', noRight],
  [1370, 'ER_PROCACCESS_DENIED_ERROR', 'missing-privilege', noRight],
  [1054, 'ER_BAD_FIELD_ERROR', 'statement-failed', 'there is no such column'],
  [1141, 'ER_NONEXISTING_GRANT', 'statement-failed', 'there is no such grant'],
  [1146, 'ER_NO_SUCH_TABLE', 'statement-failed', 'there is no such table'],
  [1147, 'ER_NONEXISTING_TABLE_GRANT', 'statement-failed', 'there is no such grant'],
  [1305, 'ER_SP_DOES_NOT_EXIST', 'statement-failed', 'there is no such routine'],
  [1396, 'ER_CANNOT_USER', 'statement-failed', 'the account exists already, or does not exist'],
  [1403, 'ER_NONEXISTING_PROC_GRANT', 'statement-failed', 'there is no such grant'],
  [1819, 'ER_NOT_VALID_PASSWORD', 'password-refused', 'the password does not satisfy the rules of the server'],
  [1820, 'ER_MUST_CHANGE_PASSWORD', 'password-expired', expired],
];

/** The tables as one; a later line of the same number counts. */
export function serverErrorsOf(...tables: readonly (readonly ServerErrorLine[])[]): ReadonlyMap<number, ServerError> {
  return new Map(
    tables
      .flat()
      .map(([errno, name, code, message, remedy]) => [
        errno,
        { name, code, message, ...(remedy === undefined ? {} : { remedy }) },
      ]),
  );
}
