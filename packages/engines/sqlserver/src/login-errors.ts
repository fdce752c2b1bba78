import type { Cause } from '@keyturn/connection';
import type { ErrorCode } from '@keyturn/core';

type Line = readonly [number: number, code: ErrorCode, message: string, remedy?: string];

const secondary = 'the database is on a replica that takes no such connections';
const writer = 'Put the listener of the availability group, or the writer endpoint, into host.';
const unavailable = 'the database cannot be used now';

/** Every number with which a login fails, and what it means (Database Engine events and errors). */
const lines: readonly Line[] = [
  [
    18456,
    'login-failed',
    'the server refused the name or the password',
    'Check that the password in the secret is the one that the server has; a contained user needs its database in dbname. The state of the error in the log of the server says more.',
  ],
  [
    18452,
    'login-not-allowed',
    'the server takes Windows authentication only',
    'Turn on SQL Server authentication (mixed mode), and restart the server.',
  ],
  [18470, 'account-locked', 'the login is disabled', 'Run as an administrator: ALTER LOGIN … ENABLE'],
  [
    18486,
    'account-locked',
    'the login is locked out after too many wrong passwords',
    'Find who uses an old password; then run as an administrator: ALTER LOGIN … WITH PASSWORD = … UNLOCK',
  ],
  [
    18487,
    'password-expired',
    'the password has expired',
    'Reset the password with an administrator, store it with PutSecretValue, then rotate again.',
  ],
  [
    18488,
    'password-expired',
    'the password must be changed before anything else',
    'Reset the password with an administrator, without MUST_CHANGE, store it with PutSecretValue, then rotate again.',
  ],
  [18458, 'too-many-connections', 'the licence of the server allows no more connections'],
  [18459, 'too-many-connections', 'the licence of the server allows no more connections'],
  [17809, 'too-many-connections', 'the server has reached its limit of user connections'],
  [10928, 'too-many-connections', 'the limit of sessions or workers is reached'],
  [10929, 'too-many-connections', 'the server is too busy for more sessions'],
  [10930, 'too-many-connections', 'the service is too busy for more requests'],
  [
    17892,
    'login-not-allowed',
    'a logon trigger refused the login',
    'Let the trigger admit this login: its program is named keyturn.',
  ],
  [
    40615,
    'login-not-allowed',
    'the firewall of the server does not let this address in',
    "Allow the address of the function in the server's firewall rules.",
  ],
  [
    40914,
    'login-not-allowed',
    "the firewall of the server does not let the function's network in",
    "Allow the function's subnet in the server's virtual network rules.",
  ],
  [
    4060,
    'unknown-database',
    'there is no such database, or the user may not open it',
    'Check dbname in the secret, and that the user may connect to that database.',
  ],
  [
    4062,
    'unknown-database',
    'the default database of the login cannot be opened',
    'Put a database into dbname, or give the login another default database.',
  ],
  [
    4063,
    'unknown-database',
    'the default database of the login cannot be opened',
    'Put a database into dbname, or give the login another default database.',
  ],
  [
    4064,
    'unknown-database',
    'the default database of the login cannot be opened',
    'Put a database into dbname, or give the login another default database.',
  ],
  [911, 'unknown-database', 'there is no such database'],
  [
    916,
    'unknown-database',
    'the login has no user in this database',
    'Check dbname in the secret, or make a user for the login there (CREATE USER … FOR LOGIN …).',
  ],
  [976, 'read-only-server', secondary, writer],
  [978, 'read-only-server', secondary, writer],
  [979, 'read-only-server', secondary, writer],
  [982, 'read-only-server', secondary, writer],
  [983, 'server-not-ready', 'the database is changing its role in the availability group'],
  [922, 'server-not-ready', 'the database is being recovered'],
  [921, 'server-not-ready', 'the database has not been recovered yet'],
  [927, 'server-not-ready', 'the database is in the middle of a restore'],
  [942, 'server-not-ready', 'the database is offline'],
  [945, 'server-not-ready', 'the database cannot be opened for want of files, memory or disk space'],
  [18401, 'server-not-ready', 'the server is being upgraded'],
  [18461, 'server-not-ready', 'the server is in single-user mode'],
  [17142, 'server-not-ready', 'the server is paused'],
  [17148, 'server-not-ready', 'the server is shutting down'],
  [17187, 'server-not-ready', 'the server is still starting'],
  [40197, 'server-not-ready', unavailable],
  [40501, 'server-not-ready', unavailable],
  [40613, 'server-not-ready', unavailable],
];

/** What a refused login means, by the number of the error. */
export const loginErrors: ReadonlyMap<number, Omit<Cause, 'driverCode'>> = new Map(
  lines.map(([number, code, message, remedy]) => [
    number,
    { code, message, ...(remedy === undefined ? {} : { remedy }) },
  ]),
);
