import type { Activity, Cause } from '@keyturn/connection';

type Line = readonly [pattern: RegExp, cause: Cause];

const noServerUsers = 'Redis knows users from version 6 on: check that this is such a server.';

/**
 * What the server's errors mean, first match first. Redis and Valkey write them in English only, and their
 * first word is the code. None of them is taken over as text.
 */
const lines: readonly Line[] = [
  // The login
  [
    /^WRONGPASS |^ERR invalid password/,
    {
      code: 'login-failed',
      message: 'the server refuses the login',
      remedy:
        'Check that the password in the secret is one that the server has, and that the user is on: Redis does not tell a wrong password from a user that is off, or that there is not.',
      driverCode: 'WRONGPASS',
    },
  ],
  [
    /^ERR AUTH <password> called without any password|^ERR Client sent AUTH, but no password is set/,
    {
      code: 'auth-method-unsupported',
      message: 'the server takes any password for this user, so that a login proves nothing',
      remedy: 'Give the user a password (ACL SETUSER … resetpass >…), then rotate again.',
    },
  ],
  [
    /^ERR wrong number of arguments for 'auth'/i,
    { code: 'auth-method-unsupported', message: 'the server knows no users', remedy: noServerUsers },
  ],
  [
    /^DENIED /,
    {
      code: 'login-not-allowed',
      message: 'the server is in protected mode and takes no connection from here',
      remedy: 'Give the default user of the server a password, or turn its protected-mode off.',
      driverCode: 'DENIED',
    },
  ],
  [/^NOAUTH /, { code: 'login-not-allowed', message: 'the server has not taken the login', driverCode: 'NOAUTH' }],
  [/^ERR max number of clients/, { code: 'too-many-connections', message: 'the server has no connection left' }],
  // The server
  [/^LOADING /, { code: 'server-not-ready', message: 'the server is loading its data', driverCode: 'LOADING' }],
  [
    /^MASTERDOWN /,
    { code: 'server-not-ready', message: 'the server is a replica without its primary', driverCode: 'MASTERDOWN' },
  ],
  [/^BUSY /, { code: 'server-not-ready', message: 'the server is busy with a script', driverCode: 'BUSY' }],
  [/^CLUSTERDOWN /, { code: 'server-not-ready', message: 'the cluster is down', driverCode: 'CLUSTERDOWN' }],
  [/^READONLY /, { code: 'read-only-server', message: 'the server is a read-only replica', driverCode: 'READONLY' }],
  // The commands
  [
    /^ERR unknown (sub)?command|^ERR unsupported command|^ERR command not allowed/i,
    {
      code: 'statement-failed',
      message: 'the server does not know the command',
      remedy: `${noServerUsers} Amazon ElastiCache and MemoryDB change users through their own API only.`,
    },
  ],
  [
    /^ERR There was an error trying to save the ACLs/,
    {
      code: 'statement-failed',
      message: 'the server cannot write its ACL file',
      remedy: "See the server's log: the folder of the ACL file must be writable for the server.",
    },
  ],
  [
    /^ERR Rewriting config file/,
    {
      code: 'statement-failed',
      message: 'the server cannot write its configuration file',
      remedy: 'The file and its folder must be writable for the server; better, give it an ACL file (aclfile).',
    },
  ],
];

/** What it means that the server answers with this error. */
export function causeOfRefusal(text: string, activity: Activity): Cause {
  const [, cause] = lines.find(([pattern]) => pattern.test(text)) ?? [];
  if (cause !== undefined) return { driverCode: 'ERR', ...cause };
  // The first word may be anything: a server may repeat in it what it was sent.
  return activity === 'statement'
    ? { code: 'statement-failed', message: 'the server refuses the command', driverCode: 'ERR' }
    : { code: 'login-not-allowed', message: 'the server refuses the connection', driverCode: 'ERR' };
}
