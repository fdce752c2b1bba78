import { type ServerError, type ServerErrorLine, serverErrorsOf, sharedServerErrors } from '@keyturn/driver-mysql2';

/** @see https://mariadb.com/kb/en/mariadb-error-code-reference/ */
const lines: readonly ServerErrorLine[] = [
  [
    4150,
    'ER_USER_IS_BLOCKED',
    'account-locked',
    'the server blocks the user after too many refused logins (max_password_errors)',
    'Run FLUSH PRIVILEGES on the server, or set the password that the user has with ALTER USER.',
  ],
  [4151, 'ER_ACCOUNT_HAS_BEEN_LOCKED', 'account-locked', 'the account is locked'],
  [1927, 'ER_CONNECTION_KILLED', 'connection-lost', 'the server ended the connection'],
  [
    1064,
    'ER_PARSE_ERROR',
    'statement-failed',
    'the server does not understand the statement',
    'This engine is for MariaDB 10.4 and later: check that the server is one.',
  ],
  [1959, 'ER_INVALID_ROLE', 'statement-failed', 'there is no such role, or the user has not been granted it'],
  [1962, 'ER_CANNOT_REVOKE_ROLE', 'statement-failed', 'there is no such grant'],
];

/**
 * The server's error numbers that tell their cause. From 1900 on they are MariaDB's own, and the driver
 * knows them by MySQL's names only.
 */
export const serverErrors: ReadonlyMap<number, ServerError> = serverErrorsOf(sharedServerErrors, lines);

/** The server's options that refuse a statement with error 1290, by name. */
export const preventingOptions: ReadonlyMap<string, Omit<ServerError, 'name'>> = new Map([
  ['read-only', { code: 'read-only-server', message: 'the server is read-only' }],
  [
    'strict-password-validation',
    {
      code: 'password-refused',
      message: 'the password rules of the server must see the password itself, and were sent its hash',
      remedy:
        'Set the option plaintextPassword of the engine, so that the password itself is sent (over TLS; the log of the server then shows it), or turn strict_password_validation off.',
    },
  ],
]);
