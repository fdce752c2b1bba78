import { type ServerError, type ServerErrorLine, serverErrorsOf, sharedServerErrors } from '@keyturn/driver-mysql2';

/** @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const lines: readonly ServerErrorLine[] = [
  // The login
  [3118, 'ER_ACCOUNT_HAS_BEEN_LOCKED', 'account-locked', 'the account is locked'],
  [
    3955,
    'ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK',
    'account-locked',
    'the server blocks the account after too many refused logins (FAILED_LOGIN_ATTEMPTS)',
    'Run ALTER USER … ACCOUNT UNLOCK, or wait until PASSWORD_LOCK_TIME is over, then rotate again.',
  ],
  [3159, 'ER_SECURE_TRANSPORT_REQUIRED', 'tls-required', 'the server takes encrypted connections only'],
  [3032, 'ER_SERVER_OFFLINE_MODE', 'server-not-ready', 'the server is in offline mode'],
  [
    4031,
    'ER_CLIENT_INTERACTION_TIMEOUT',
    'connection-lost',
    'the server ended the connection, which had been idle for too long',
  ],
  // The password
  [
    3638,
    'ER_CREDENTIALS_CONTRADICT_TO_HISTORY',
    'password-refused',
    'the password was in use before, and the rules of the server do not let it be used again',
  ],
  [3891, 'ER_INCORRECT_CURRENT_PASSWORD', 'statement-failed', 'the password in use is another one'],
  [3892, 'ER_MISSING_CURRENT_PASSWORD', 'statement-failed', 'the server asks for the password in use'],
  [
    3878,
    'ER_SECOND_PASSWORD_CANNOT_BE_EMPTY',
    'statement-failed',
    'the account has an empty password, which cannot be kept',
  ],
  [3895, 'ER_CURRENT_PASSWORD_CANNOT_BE_RETAINED', 'statement-failed', 'the password in use cannot be kept'],
  [3894, 'ER_PASSWORD_CANNOT_BE_RETAINED_ON_PLUGIN_CHANGE', 'statement-failed', 'the password in use cannot be kept'],
  // The server
  [1223, 'ER_CANT_UPDATE_WITH_READLOCK', 'server-not-ready', 'the server is locked for a backup'],
  [1792, 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 'read-only-server', 'the session is read-only'],
  // The statements
  [
    1064,
    'ER_PARSE_ERROR',
    'statement-failed',
    'the server does not understand the statement',
    'This engine is for MySQL 5.6 and later: check that the server is one.',
  ],
  [1410, 'ER_CANT_CREATE_USER_WITH_GRANT', 'statement-failed', 'the account does not exist'],
  [3162, 'ER_USER_DOES_NOT_EXIST', 'statement-failed', 'the account does not exist'],
  [3523, 'ER_UNKNOWN_AUTHID', 'statement-failed', 'the account or the role does not exist'],
  [3530, 'ER_ROLE_NOT_GRANTED', 'statement-failed', 'the user has not been granted the role'],
  [3619, 'ER_ILLEGAL_PRIVILEGE_LEVEL', 'statement-failed', 'the privilege cannot be granted there'],
  [3628, 'ER_MANDATORY_ROLE', 'statement-failed', 'the role is a mandatory one, which cannot be revoked'],
  [
    3879,
    'ER_DB_ACCESS_DENIED',
    'missing-privilege',
    'the user may not do this: a partial revoke takes the right from it',
  ],
  [
    4006,
    'ER_CANNOT_USER_REFERENCED_AS_DEFINER',
    'missing-privilege',
    'the account is the DEFINER of a view, routine, trigger or event',
    'Give these objects another DEFINER; or grant the master ALLOW_NONEXISTENT_DEFINER (before MySQL 8.2: SET_USER_ID) ON *.*.',
  ],
];

/** The server's error numbers that tell their cause. */
export const serverErrors: ReadonlyMap<number, ServerError> = serverErrorsOf(sharedServerErrors, lines);

/** The server's options that refuse a statement with error 1290, by name. */
export const preventingOptions: ReadonlyMap<string, Omit<ServerError, 'name'>> = new Map([
  ['read-only', { code: 'read-only-server', message: 'the server is read-only' }],
  ['super-read-only', { code: 'read-only-server', message: 'the server is read-only' }],
  ['innodb-read-only', { code: 'read-only-server', message: 'the server is read-only' }],
  [
    'skip-grant-tables',
    {
      code: 'server-not-ready',
      message: 'the server runs without its grant tables (skip-grant-tables)',
      remedy: 'Start the server without skip-grant-tables, then rotate again.',
    },
  ],
]);
