import type { Step } from './rotation-event.ts';

/**
 * Every way a rotation can fail, and what to do about it. The keys are the closed set of codes that
 * {@link RotationError.code} takes; the README's error table is this object.
 */
export const remedies = {
  // The event and the state of the secret
  'invalid-event':
    'The event needs Step, SecretId and ClientRequestToken as strings; Secrets Manager sends them when it rotates.',
  'unknown-step': 'Step must be createSecret, setSecret, testSecret or finishSecret.',
  'secret-not-found': 'Check the SecretId, its Region, and that the secret is not scheduled for deletion.',
  'rotation-disabled': 'Turn rotation on for this secret with RotateSecret, then rotate it again.',
  'version-not-found':
    'This version belongs to no rotation in progress. Let Secrets Manager start a new one with RotateSecret.',
  'version-not-pending':
    'This version does not carry AWSPENDING, so it belongs to no rotation in progress. Start a new rotation.',
  'version-already-current':
    'This version is AWSCURRENT already and belongs to no rotation in progress. Start a new rotation.',
  'version-has-no-value':
    'Nothing was stored in this version by createSecret. Retry the rotation; if AWSPENDING stays on it, take the label off and rotate again.',
  'labels-moved': 'Another call moved a staging label meanwhile. Retry: the rotation reads the labels again.',
  // What the secret says
  'no-current-value': 'Store a value first (PutSecretValue), then turn rotation on.',
  'secret-not-json': 'Store the secret as a JSON object in SecretString, as the AWS guide describes it.',
  'invalid-secret': 'Correct the named keys with PutSecretValue, then rotate again.',
  'secret-too-large': 'Secrets Manager stores at most 65536 bytes a version: remove what the secret does not need.',
  'user-mismatch': 'AWSPENDING must name the same user as AWSCURRENT. Take AWSPENDING off, then rotate again.',
  'secret-changed': 'AWSPENDING has been taken off: the next rotation starts from the secret as it is now.',
  'service-mismatch':
    'AWSPENDING, and the master secret where one is used, must name the same host and port as AWSCURRENT.',
  'invalid-configuration': 'Correct the named option or environment variable of the rotation function.',
  'policy-unsatisfiable': 'Loosen the password options: length, excluded characters, required types.',
  'password-not-accepted':
    'The stored password holds characters, or has a length, that the engine does not accept. Take AWSPENDING off, then rotate again.',
  'master-secret-missing':
    'Name the master secret in one of three places: the key masterarn of the secret, the option masterSecretArn, or MASTER_SECRET_ARN.',
  // Two users that take turns
  'user-is-master':
    'The user of a secret must not be the one of its master secret: give the application a user of its own.',
  'twin-name-too-long':
    'Shorten username, or the suffix (option suffix, TWIN_SUFFIX), or name both users with the option users.',
  'twin-name-taken':
    "The user of that name was not made for this secret. Choose another suffix, or name both users with the option users; if it is the twin, say so with the option twin: 'given'.",
  'rights-not-cloneable':
    'The master cannot give the named rights: let a user do it that can, or take them from the current user.',
  'privileges-differ':
    'The two users may not do the same, so the new one was not promoted: settle the named differences, then rotate again.',
  // The grace period and the hook
  'grace-period-not-over':
    'The credential before this one must work for longer (option gracePeriodMinutes, GRACE_PERIOD_MINUTES): rotate again when that time is over.',
  'hook-failed': 'AWSCURRENT is the new version already. Correct what the hook reports: a retry calls it again.',
  'hook-pending':
    'AWSCURRENT is the new version already, and another invocation may be calling the hook: a retry finds out.',
  // Services that issue credentials, and the calls that find a managed server
  'credential-limit-reached':
    'The user has as many credentials as the service allows, and none of them may be deleted: delete one by hand.',
  'credential-unknown':
    'AWSCURRENT names a credential that the service does not know for this user: store one that works with PutSecretValue.',
  'service-denied': "Allow the named action in the function's role.",
  'service-throttled': 'The service limits the rate of calls: the next retry goes on from here.',
  'service-unreachable':
    'Give the function a way to the service: an interface VPC endpoint or a NAT gateway, and a security group that lets HTTPS out.',
  'service-failed': 'The service refused the call or could not answer it: see the service code, then retry.',
  // Secrets Manager itself
  'secrets-manager-unreachable':
    'Give the function a way to Secrets Manager: an interface VPC endpoint, or a NAT gateway, and a security group that lets HTTPS out.',
  'secrets-manager-denied': "Allow the named action on this secret in the function's role.",
  'secrets-manager-throttled': 'Secrets Manager limits the rate of calls: the next retry goes on from here.',
  'secrets-manager-failed':
    'Secrets Manager refused the call or could not answer it: see the service code, then retry.',
  'key-denied':
    "Allow kms:Decrypt and kms:GenerateDataKey on the secret's KMS key in the function's role and in the key policy.",
  // The way to the database
  'host-not-found': 'Check host in the secret, and that the VPC of the function can resolve it.',
  'connection-refused': 'Check port in the secret, and that the server runs and listens there.',
  'host-unreachable': "Check the route from the function's subnets to the server.",
  'connection-timed-out':
    "Nothing answered in time: check the security groups, the function's subnets and the network ACLs on the way to the server.",
  'connection-lost':
    'The connection broke off; it is not known whether the statement took effect. Retry: the rotation finds out.',
  'tls-not-offered':
    'The server offers no TLS. Turn TLS on there; only for a server that cannot, set "ssl": false in the secret.',
  'tls-required': 'The server takes no plaintext login. Remove "ssl": false from the secret.',
  'tls-untrusted':
    'No trusted authority signed the certificate. Give its CA with TLS_CA_FILE, TLS_CA_PEM or the option tls.ca.',
  'tls-wrong-host': 'The certificate names another host: put a name that it holds into host.',
  'tls-failed': 'The TLS handshake failed: check the protocol versions and the certificate of the server.',
  // The login
  'login-failed': 'Check that the password in the secret is the one that the database has.',
  'login-not-allowed': 'The server lets this user not log in with a password from here: check its access rules.',
  'unknown-database': 'Check dbname in the secret.',
  'account-locked': 'Unlock the account, or let it log in, then rotate again.',
  'password-expired': 'Extend the expiry of the password, or reset it with an administrator, then rotate again.',
  'too-many-connections': 'Close connections, or raise the limit of the server or of the user; the rotation needs one.',
  'auth-method-unsupported':
    'The driver does not speak the authentication method of this account: give the account one that it speaks.',
  'server-not-ready': 'The server is starting, stopping or failing over: retry when it takes connections.',
  // The statements
  'missing-privilege': 'Grant the user the named right, then rotate again.',
  'password-refused':
    "The server's password rules refuse the stored password. Adapt the password options of the function to the rules of the server.",
  'read-only-server': 'This server takes no writes: put the writer endpoint into host.',
  'statement-failed': 'See the driver code.',
  // The function itself
  'deadline-exceeded':
    "The time of the invocation is used up: raise the function's timeout, or see which wait took it.",
  unexpected: 'This is a defect of the rotation function: please report it with this line.',
} as const;

/** One of the closed set of error codes; see {@link remedies}. */
export type ErrorCode = keyof typeof remedies;

/** What is known of a failure besides its code. None of it may hold a secret value. */
export interface ErrorDetails {
  /** What went wrong, as one clause in the user's terms. */
  readonly message: string;
  readonly step?: Step | undefined;
  /** The staging label, or version id, of the credential in use. */
  readonly stage?: string | undefined;
  /** `host:port` of the service that failed. */
  readonly endpoint?: string | undefined;
  readonly user?: string | undefined;
  /** What to do. @default - the remedy of the code */
  readonly remedy?: string | undefined;
  /** The driver's or service's own code, as text: `28P01`, `ER_ACCESS_DENIED_ERROR`. */
  readonly driverCode?: string | undefined;
}

/**
 * The one error that leaves a rotation. It carries no cause: a driver's error may hold the failing
 * statement with the new password in it.
 */
export class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(sentence(code, details));
    this.code = code;
    this.details = details;
  }

  get step(): Step | undefined {
    return this.details.step;
  }
  get stage(): string | undefined {
    return this.details.stage;
  }
  get endpoint(): string | undefined {
    return this.details.endpoint;
  }
  get user(): string | undefined {
    return this.details.user;
  }
  get driverCode(): string | undefined {
    return this.details.driverCode;
  }
  get remedy(): string {
    return this.details.remedy ?? remedies[this.code];
  }

  /** The same failure, told with what the caller knows besides. What is known already stays. */
  with(context: Partial<ErrorDetails>): RotationError {
    const known = Object.fromEntries(Object.entries(this.details).filter(([, value]) => value !== undefined));
    const error = new RotationError(this.code, { ...context, ...known } as ErrorDetails);
    if (this.stack !== undefined) error.stack = `${error.name}: ${error.message}${stackFrames(this.stack)}`;
    return error;
  }

  toJSON(): Record<string, string | undefined> {
    const { step, stage, endpoint, user, driverCode } = this.details;
    return {
      code: this.code,
      step,
      stage,
      endpoint,
      user,
      driverCode,
      message: this.details.message,
      remedy: this.remedy,
    };
  }
}

/** Whether `error` is a {@link RotationError} with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is RotationError {
  return error instanceof RotationError && codes.includes(error.code);
}

/** A name as it may stand in a message: quoted, with control characters escaped, so that it breaks no log line. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}

function sentence(code: ErrorCode, details: ErrorDetails): string {
  const { step, stage, endpoint, user, driverCode } = details;
  const who = user === undefined ? '' : `user ${quoted(user)}`;
  const where = endpoint === undefined ? '' : `at ${endpoint}`;
  const which = stage === undefined ? '' : `with ${stage}`;
  const context = [who, where, which].filter((part) => part !== '').join(' ');
  const head = step === undefined ? `[${code}]` : `[${code}] ${step}:`;
  const driver = driverCode === undefined ? '' : ` (${driverCode})`;
  const message = details.message.replace(/\.$/, '');
  return `${head} ${message}${context === '' ? '' : `, ${context}`}${driver}. ${details.remedy ?? remedies[code]}`;
}

function stackFrames(stack: string): string {
  const first = stack.indexOf('\n    at ');
  return first === -1 ? '' : stack.slice(first);
}
