import type { Activity, Cause } from '@keyturn/connection';
import type { ErrorCode } from '@keyturn/core';
import type { Refusal } from './errors.ts';

/** One of the server's error codes. */
export interface ServerError {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** @default - the remedy of the code */
  readonly remedy?: string;
}

type Line = readonly [number: number, name: string, code: ErrorCode, message: string, remedy?: string];

const notReady = 'the member of the replica set is about to change its role, or to end';

/** @see https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const lines: readonly Line[] = [
  // The login
  [
    18,
    'AuthenticationFailed',
    'login-failed',
    'the server refuses the login',
    'Check that the password in the secret is the one that the user has, that dbname is the database in which the user was created, and that its authenticationRestrictions let it log in from here: the server tells none of these from another.',
  ],
  [
    334,
    'MechanismUnavailable',
    'auth-method-unsupported',
    'the server does not offer the SCRAM mechanism of this user',
    'Turn SCRAM-SHA-256 or SCRAM-SHA-1 on (parameter authenticationMechanisms).',
  ],
  [
    391,
    'ReauthenticationRequired',
    'server-not-ready',
    'the server asks the session to log in again',
    'Retry: the rotation logs in again.',
  ],
  // The server
  [91, 'ShutdownInProgress', 'server-not-ready', 'the server is shutting down'],
  [189, 'PrimarySteppedDown', 'server-not-ready', notReady],
  [11600, 'InterruptedAtShutdown', 'server-not-ready', 'the server is shutting down'],
  [11602, 'InterruptedDueToReplStateChange', 'server-not-ready', notReady],
  [13436, 'NotPrimaryOrSecondary', 'server-not-ready', 'the member of the replica set is starting or recovering'],
  [10107, 'NotWritablePrimary', 'read-only-server', 'this member of the replica set is not the primary'],
  [13435, 'NotPrimaryNoSecondaryOk', 'read-only-server', 'this member of the replica set is not the primary'],
  [
    64,
    'WriteConcernTimeout',
    'server-not-ready',
    'the change has not reached a majority of the replica set in time',
    'Check that a majority of the members runs, then retry: the rotation finds out what took effect.',
  ],
  [
    100,
    'UnsatisfiableWriteConcern',
    'server-not-ready',
    'the replica set has no majority that could confirm the change',
    'Check that a majority of the members runs, then retry.',
  ],
  [50, 'MaxTimeMSExpired', 'server-not-ready', 'the server has given the command up'],
  // The commands
  [13, 'Unauthorized', 'missing-privilege', 'the user may not do this'],
  [
    11,
    'UserNotFound',
    'invalid-secret',
    'the server knows no user of this name in this database',
    'Create the user, or check username and dbname in the secret.',
  ],
  [
    31,
    'RoleNotFound',
    'statement-failed',
    'a role was dropped meanwhile',
    'Retry: the rotation reads the roles again.',
  ],
  [
    51003,
    'UserAlreadyExists',
    'statement-failed',
    'somebody else has made the user meanwhile',
    'Retry: the rotation looks at that user then.',
  ],
  [
    59,
    'CommandNotFound',
    'statement-failed',
    'the server does not know the command',
    'This engine is for MongoDB 4.4 and later, and for Amazon DocumentDB: check that the server is one.',
  ],
  [
    40415,
    'IDLUnknownField',
    'statement-failed',
    'the server does not know a field of the command',
    "For Amazon DocumentDB give the engine the option server: 'documentdb'.",
  ],
  [
    303,
    'FeatureNotSupported',
    'statement-failed',
    'the server does not support a field of the command',
    "For Amazon DocumentDB give the engine the option server: 'documentdb'.",
  ],
  [2, 'BadValue', 'statement-failed', 'the server refuses a value of the command'],
  [
    8000,
    'AtlasError',
    'statement-failed',
    'MongoDB Atlas refuses the command',
    'Users of Atlas are changed through its own administration API, not through the database.',
  ],
];

/** The server's error numbers that tell their cause. */
export const serverErrors: ReadonlyMap<number, ServerError> = new Map(
  lines.map(([number, name, code, message, remedy]) => [
    number,
    { name, code, message, ...(remedy === undefined ? {} : { remedy }) },
  ]),
);

/** What a server's refusal means. */
export function causeOfRefusal({ code: number }: Pick<Refusal, 'code'>, activity: Activity): Cause {
  const known = serverErrors.get(number);
  if (known === undefined) {
    return activity === 'statement'
      ? { code: 'statement-failed', message: 'the server refuses the command', driverCode: `code ${number}` }
      : { code: 'login-not-allowed', message: 'the server refuses the login', driverCode: `code ${number}` };
  }
  const { name, ...rest } = known;
  return { ...rest, driverCode: name };
}

/** The member has certainly not run the command, for it is not the primary. */
export function isNotPrimary({ code }: Refusal): boolean {
  return code === 10107 || code === 13435;
}
