import type { ErrorCode } from '@keyturn/core';

/** What one of the server's or the driver's numbers means. */
export interface KnownError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
}

type Line = readonly [number: number, code: ErrorCode, message: string, remedy?: string];

const ended = 'the server ended the session';
const down = 'the database is starting, stopping or not open';

/** @see https://docs.oracle.com/en/error-help/db/ */
const lines: readonly Line[] = [
  // The login
  [1017, 'login-failed', 'the server refuses the login'],
  [1004, 'login-not-allowed', 'the server refuses the login by a default user name'],
  [1005, 'invalid-secret', 'the login names no password', 'Put a password into the secret with PutSecretValue.'],
  [
    1035,
    'login-not-allowed',
    'the database is open in restricted mode',
    'End the restricted mode, or GRANT RESTRICTED SESSION to the user.',
  ],
  [
    1045,
    'missing-privilege',
    'the user lacks CREATE SESSION',
    'Run as an administrator: GRANT CREATE SESSION TO the user.',
  ],
  [
    28009,
    'login-not-allowed',
    'SYS logs in as SYSDBA only',
    'Give the secret another user: SYS is not for rotation functions.',
  ],
  [28000, 'account-locked', 'the account is locked', 'Run as an administrator: ALTER USER … ACCOUNT UNLOCK.'],
  [
    28001,
    'password-expired',
    'the password of the user has expired',
    'Let the master set it (PASSWORD_CHANGED_BY=master once the user logs in again), or run ALTER USER … IDENTIFIED BY as an administrator and store that password with PutSecretValue.',
  ],
  [
    28040,
    'auth-method-unsupported',
    'the server demands another version of the login protocol',
    'Adapt SQLNET.ALLOWED_LOGON_VERSION_SERVER in the sqlnet.ora of the server.',
  ],
  [28274, 'auth-method-unsupported', 'the server takes no login by password for this user'],
  [20, 'too-many-connections', 'the server has no process left', 'Close sessions, or raise the parameter PROCESSES.'],
  [18, 'too-many-connections', 'the server has no session left', 'Close sessions, or raise the parameter SESSIONS.'],
  [
    2391,
    'too-many-connections',
    'the user has no session left',
    'Raise SESSIONS_PER_USER in the profile of the user; the rotation needs one more.',
  ],
  [12516, 'too-many-connections', 'the listener has no handler left for a connection'],
  [12520, 'too-many-connections', 'the listener has no handler left for a connection'],
  // The listener
  [
    12504,
    'unknown-database',
    'the listener was told neither a service name nor a SID',
    'Put the service name or the SID into dbname.',
  ],
  [12505, 'unknown-database', 'the listener knows neither a service nor a SID of this name'],
  [12514, 'unknown-database', 'the listener knows neither a service nor a SID of this name'],
  [12528, 'server-not-ready', 'the listener lets nobody through to the instance'],
  [12526, 'server-not-ready', 'the instance is in restricted mode'],
  [12518, 'server-not-ready', 'the listener could not hand the connection over'],
  [12521, 'unknown-database', 'the listener knows no instance of this name'],
  [12529, 'login-not-allowed', "the listener's rules refuse the connection", 'See the access rules of the listener.'],
  [
    12546,
    'login-not-allowed',
    'the listener refuses connections from here',
    'See TCP.INVITED_NODES, TCP.VALIDNODE_CHECKING and the access rules of the listener.',
  ],
  [
    12660,
    'auth-method-unsupported',
    'the server demands native network encryption or checksums, which the thin driver does not speak',
    'Use TLS in its place: set SQLNET.ENCRYPTION_SERVER and SQLNET.CRYPTO_CHECKSUM_SERVER to ACCEPTED or REQUESTED (RDS: in the option NATIVE_NETWORK_ENCRYPTION), and take the port of the option SSL.',
  ],
  // The server
  [1033, 'server-not-ready', down],
  [1034, 'server-not-ready', down],
  [1109, 'server-not-ready', down],
  [1219, 'server-not-ready', down],
  [27101, 'server-not-ready', down],
  [1089, 'server-not-ready', down],
  [1090, 'server-not-ready', down],
  [
    16000,
    'read-only-server',
    'the database is open for reading only',
    'A standby or a reader takes no writes: put the host of the primary into the secret.',
  ],
  [16456, 'server-not-ready', 'the server is switching over'],
  [28, 'connection-lost', ended],
  [603, 'connection-lost', ended],
  [1012, 'connection-lost', ended],
  [1092, 'connection-lost', ended],
  [2396, 'connection-lost', ended],
  [3113, 'connection-lost', ended],
  [3114, 'connection-lost', ended],
  [3135, 'connection-lost', ended],
  // Passwords
  [
    28003,
    'password-refused',
    'the password verify function of the profile refuses the password',
    'Adapt the password options of the function to the PASSWORD_VERIFY_FUNCTION of the user’s profile.',
  ],
  [
    28007,
    'password-refused',
    'the profile lets no earlier password be used again',
    'Retry: the next rotation makes another password.',
  ],
  [28008, 'login-failed', 'the server does not take the current password for it any more'],
  [28011, 'password-expired', 'the password of the user expires soon'],
  [
    28218,
    'password-refused',
    'the password takes more bytes than the server allows',
    'Servers before 23ai take 30 bytes: set PASSWORD_LENGTH to 30 or less.',
  ],
  [
    28221,
    'password-refused',
    'the server asks for the current password',
    'Let the user change its own password, or give the master ALTER USER.',
  ],
  [988, 'password-refused', 'the server cannot read the password', 'Exclude the characters that it does not take.'],
  // Rights
  [1031, 'missing-privilege', 'the user may not do this'],
  [1720, 'missing-privilege', 'the grant option does not exist'],
  [1926, 'missing-privilege', 'the user may not do this'],
  [1929, 'missing-privilege', 'the user may not do this'],
  [1932, 'missing-privilege', 'the user has no ADMIN OPTION for the role'],
  [1927, 'missing-privilege', 'somebody else has granted this, so the user cannot take it'],
  [942, 'missing-privilege', 'the user sees no such table or view'],
  [41900, 'missing-privilege', 'the user may not do this'],
  // The statements
  [
    972,
    'twin-name-too-long',
    'the server takes no name of this length',
    'Servers before 12.2 take 30 bytes: shorten username, or name both users with the option users.',
  ],
  [
    65096,
    'invalid-configuration',
    'the root container takes common users only',
    'Put the service of the pluggable database into dbname.',
  ],
  [
    1918,
    'invalid-secret',
    'the server knows no user of this name',
    'Create the user, or check username in the secret.',
  ],
  [
    1435,
    'invalid-secret',
    'the server knows no user of this name',
    'Create the user, or check username in the secret.',
  ],
  [1920, 'twin-name-taken', 'a user or a role has this name already'],
  [1917, 'statement-failed', 'there is no such user or role'],
  [1919, 'statement-failed', 'there is no such role'],
  [1951, 'statement-failed', 'the role is not granted'],
  [1952, 'statement-failed', 'the privilege is not granted'],
  [1955, 'statement-failed', 'a default role is not granted'],
  [
    1981,
    'rights-not-cloneable',
    'constraints stand on a privilege that is to be taken',
    'Drop the foreign keys that the user has made by it.',
  ],
  [2380, 'statement-failed', 'there is no such profile'],
  [959, 'statement-failed', 'there is no such tablespace'],
  [4043, 'statement-failed', 'there is no such object'],
  [54, 'statement-failed', 'something that the statement needs is locked', 'Retry when it is free.'],
];

/** The server's numbers that tell their cause. */
export const serverErrors: ReadonlyMap<number, KnownError> = new Map(
  lines.map(([number, code, message, remedy]) => [
    number,
    { code, message, ...(remedy === undefined ? {} : { remedy }) },
  ]),
);

const verifier =
  'the password of the user is stored as the verifier of 10g only, or as one that the thin driver does not know';

/** The driver's own numbers. */
export const driverErrors: ReadonlyMap<number, KnownError> = new Map<number, KnownError>([
  [
    116,
    {
      code: 'auth-method-unsupported',
      message: verifier,
      remedy:
        'Set SEC_CASE_SENSITIVE_LOGON to TRUE and SQLNET.ALLOWED_LOGON_VERSION_SERVER to 11 or higher, and set the password of the user anew: DBA_USERS.PASSWORD_VERSIONS must name 11G or 12C.',
    },
  ],
  [
    138,
    {
      code: 'auth-method-unsupported',
      message: 'the server is older than 12.1, which the thin driver does not speak with',
      remedy: 'Upgrade the database to 12.1 or later.',
    },
  ],
  [
    173,
    {
      code: 'login-failed',
      message: 'the server could not prove that it knows the password',
      remedy: 'Check that host and port lead to the database that the secret is for.',
    },
  ],
  [500, { code: 'connection-lost', message: 'the connection broke off' }],
  [501, { code: 'connection-lost', message: 'the connection broke off' }],
  [521, { code: 'connection-lost', message: 'the connection broke off' }],
  [503, { code: 'host-unreachable', message: 'the host cannot be reached' }],
  [510, { code: 'connection-timed-out', message: 'the host does not answer' }],
  [511, { code: 'login-not-allowed', message: 'the listener refuses the connection' }],
  [513, { code: 'connection-lost', message: 'the server ended the connection' }],
  [518, serverErrors.get(12514) as KnownError],
  [519, serverErrors.get(12505) as KnownError],
  [530, { code: 'host-not-found', message: 'the name of the host cannot be resolved' }],
  [531, serverErrors.get(12660) as KnownError],
  [532, serverErrors.get(12660) as KnownError],
  [533, serverErrors.get(12660) as KnownError],
  [536, { code: 'host-unreachable', message: 'the listener sends the client from one address to another without end' }],
]);
