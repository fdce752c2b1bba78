import type { Cause } from '@keyturn/connection';
import type { ErrorCode } from '@keyturn/core';

type Line = readonly [number: number, code: ErrorCode, message: string, remedy?: string];

const noRight = 'the user lacks a right that the statement needs';
const rules = "the server's password policy refuses the password";
const replica = 'the database takes no writes';
const writer = 'Put the listener of the availability group, or the writer endpoint, into host.';

/** Every number with which a statement of this engine fails, and what it means (Database Engine events and errors). */
const lines: readonly Line[] = [
  [229, 'missing-privilege', noRight],
  [230, 'missing-privilege', noRight],
  [262, 'missing-privilege', noRight],
  [297, 'missing-privilege', noRight],
  [300, 'missing-privilege', noRight],
  [
    916,
    'missing-privilege',
    'the login has no user in a database',
    'Run as an administrator: GRANT CONNECT ANY DATABASE TO the master login.',
  ],
  [4613, 'missing-privilege', 'the user may not hand on a right'],
  [15151, 'missing-privilege', 'what the statement is about does not exist, or the user may not change it'],
  [15247, 'missing-privilege', noRight],
  [15404, 'missing-privilege', noRight],
  [15113, 'account-locked', 'the login is locked out after too many wrong passwords'],
  [
    15114,
    'password-refused',
    'the password was changed too recently (minimum password age)',
    'Lower the minimum password age of the server, or rotate less often.',
  ],
  [15115, 'password-refused', 'the password was in use before (password history)'],
  [15116, 'password-refused', `${rules}: it is too short`],
  [15117, 'password-refused', `${rules}: it is too long`],
  [15118, 'password-refused', `${rules}: it is not complex enough`],
  [15119, 'password-refused', `${rules}: a password filter of the server does not take it`],
  [15120, 'statement-failed', 'the server could not check the password'],
  [3906, 'read-only-server', replica, writer],
  [3908, 'read-only-server', replica, writer],
  [976, 'read-only-server', replica, writer],
  [978, 'read-only-server', replica, writer],
  [979, 'read-only-server', replica, writer],
  [5069, 'statement-failed', 'the database could not be altered'],
  [911, 'statement-failed', 'there is no such database any more'],
  [924, 'server-not-ready', 'a database is open for one user only'],
  [942, 'server-not-ready', 'a database is offline'],
  [
    1205,
    'statement-failed',
    'another session changed the same at the same time, and the server gave way to it',
    'Retry: nothing has been changed.',
  ],
  [
    1222,
    'statement-failed',
    'another session holds a lock for too long',
    'See which session that is (sys.dm_exec_requests), then rotate again: nothing has been changed.',
  ],
  [3701, 'statement-failed', 'what the statement is about has gone'],
  [6005, 'server-not-ready', 'the server is shutting down'],
  [1101, 'server-not-ready', 'a database has no space left'],
  [1105, 'server-not-ready', 'a database has no space left'],
  [9002, 'server-not-ready', 'a transaction log is full'],
];

/** What a failed statement means, by the number of the error. */
export const statementErrors: ReadonlyMap<number, Omit<Cause, 'driverCode'>> = new Map(
  lines.map(([number, code, message, remedy]) => [
    number,
    { code, message, ...(remedy === undefined ? {} : { remedy }) },
  ]),
);
