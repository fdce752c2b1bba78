import type { Duration } from 'aws-cdk-lib';
import type { FunctionFacts } from './function-facts.ts';

/** How a function rotates. An option that its template does not know is an error. */
export interface RotationOptions {
  /**
   * The length of new passwords, in characters.
   * @default - the engine's, 32 for most
   */
  readonly passwordLength?: number;
  /**
   * Characters that no new password holds.
   * @default - those that AWS's function for the engine leaves out
   */
  readonly excludeCharacters?: string;
  /**
   * Whether new passwords have no digits.
   * @default false
   */
  readonly excludeNumbers?: boolean;
  /**
   * Whether new passwords have no punctuation.
   * @default false
   */
  readonly excludePunctuation?: boolean;
  /**
   * Whether new passwords have no upper case letters.
   * @default false
   */
  readonly excludeUppercase?: boolean;
  /**
   * Whether new passwords have no lower case letters.
   * @default false
   */
  readonly excludeLowercase?: boolean;
  /**
   * Whether new passwords may hold spaces.
   * @default false
   */
  readonly includeSpace?: boolean;
  /**
   * Whether each kind of character that is not excluded stands in every new password.
   * @default true
   */
  readonly requireEachIncludedType?: boolean;
  /**
   * Who makes passwords: the function itself, or GetRandomPassword.
   * @default 'local'
   */
  readonly passwordSource?: 'local' | 'get-random-password';
  /**
   * Who changes the password: the user itself, or the user of the master secret.
   * @default - the user itself; the master where one user has two passwords
   */
  readonly passwordChangedBy?: 'user' | 'master';
  /**
   * What the name of the second of two alternating users ends in.
   * @default '_clone'
   */
  readonly twinSuffix?: string;
  /**
   * The most characters of a user's name.
   * @default - what the server takes
   */
  readonly usernameCharacterLimit?: number;
  /**
   * How long the previous credential must work at least: a rotation that comes sooner is refused. Whole minutes.
   * @default - none
   */
  readonly gracePeriod?: Duration;
  /**
   * How long a new credential may be refused before the rotation fails.
   * @default - not at all; a minute for IAM access keys
   */
  readonly propagationWait?: Duration;
  /**
   * How long a version that was just written is looked for.
   * @default Duration.seconds(3)
   */
  readonly consistencyWait?: Duration;
  /**
   * Refused logins in one invocation.
   * @default 3
   */
  readonly failedLoginLimit?: number;
  /**
   * For one login, from the name lookup on.
   * @default Duration.seconds(5)
   */
  readonly connectTimeout?: Duration;
  /**
   * The only trusted certificate authorities, as PEM.
   * @default - those of the engine, of Lambda and of the system
   */
  readonly tlsCaPem?: string;
  /**
   * Where the user of a managed master secret logs in, so that Amazon RDS need not be asked.
   * @default - what the master secret says, else Amazon RDS is asked
   */
  readonly masterHost?: string;
  /**
   * The port there.
   * @default - the engine's own
   */
  readonly masterPort?: number;
  /**
   * Pairs of hosts that are one service, such as a proxy and its database.
   * @default - hosts of the same name, and endpoints of one instance or cluster
   */
  readonly sameService?: readonly (readonly [string, string])[];
  /**
   * What the function logs.
   * @default 'INFO'
   */
  readonly logLevel?: 'INFO' | 'WARN' | 'ERROR';
  /**
   * The URL of Secrets Manager.
   * @default - the Region's own
   */
  readonly endpoint?: string;
}

const variables: { readonly [Name in keyof Required<RotationOptions>]: string } = {
  passwordLength: 'PASSWORD_LENGTH',
  excludeCharacters: 'EXCLUDE_CHARACTERS',
  excludeNumbers: 'EXCLUDE_NUMBERS',
  excludePunctuation: 'EXCLUDE_PUNCTUATION',
  excludeUppercase: 'EXCLUDE_UPPERCASE',
  excludeLowercase: 'EXCLUDE_LOWERCASE',
  includeSpace: 'INCLUDE_SPACE',
  requireEachIncludedType: 'REQUIRE_EACH_INCLUDED_TYPE',
  passwordSource: 'PASSWORD_SOURCE',
  passwordChangedBy: 'PASSWORD_CHANGED_BY',
  twinSuffix: 'TWIN_SUFFIX',
  usernameCharacterLimit: 'USERNAME_CHARACTER_LIMIT',
  gracePeriod: 'GRACE_PERIOD_MINUTES',
  propagationWait: 'PROPAGATION_WAIT_MS',
  consistencyWait: 'CONSISTENCY_WAIT_MS',
  failedLoginLimit: 'FAILED_LOGIN_LIMIT',
  connectTimeout: 'CONNECT_TIMEOUT_MS',
  tlsCaPem: 'TLS_CA_PEM',
  masterHost: 'MASTER_HOST',
  masterPort: 'MASTER_PORT',
  sameService: 'SAME_SERVICE',
  logLevel: 'POWERTOOLS_LOG_LEVEL',
  endpoint: 'SECRETS_MANAGER_ENDPOINT',
};

/**
 * The options that are given, as environment variables of the function.
 * @throws Error naming every option that means nothing to the template
 */
export function environmentOf(options: RotationOptions, facts: FunctionFacts): Record<string, string> {
  const environment: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [option, variable] of Object.entries(variables) as [keyof RotationOptions, string][]) {
    const value = options[option];
    if (value === undefined) continue;
    if (!facts.variables.includes(variable)) unknown.push(option);
    environment[variable] = textOf(option, value);
  }
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: ${facts.name} has no such option. Leave it out.`);
  return environment;
}

function textOf(option: keyof RotationOptions, value: NonNullable<RotationOptions[keyof RotationOptions]>): string {
  if (Array.isArray(value)) return value.map((pair) => pair.join('=')).join(';');
  if (typeof value !== 'object') return String(value);
  const duration = value as Duration;
  return String(option === 'gracePeriod' ? duration.toMinutes() : duration.toMilliseconds());
}
