import type { AfterRotation } from './after-rotation.ts';
import { RotationError } from './errors.ts';
import type { PasswordPolicy } from './password-policy.ts';
import { readServiceSettings, type ServiceOptions, type ServiceSettings } from './service-settings.ts';
import { givenAuthorities, type TlsOptions } from './tls.ts';

/** Options of a rotation function. What is absent comes from the environment, then from the default. */
export interface RotationOptions extends ServiceOptions {
  /** @default - the environment variables of AWS's functions (PASSWORD_LENGTH, EXCLUDE_CHARACTERS, …), then GetRandomPassword's defaults */
  readonly password?: PasswordOptions | undefined;
  /** @default - verified TLS with the authorities of Lambda, the engine and the system */
  readonly tls?: TlsOptions | undefined;
  /** @default - the secret's key masterarn, then MASTER_SECRET_ARN */
  readonly masterSecretArn?: string | undefined;
  /** The most logins that may be refused in one invocation. @default 3 (FAILED_LOGIN_LIMIT) */
  readonly failedLoginLimit?: number | undefined;
  /** The longest that one login may take, in milliseconds; less where Lambda leaves less. @default 5000 (CONNECT_TIMEOUT_MS) */
  readonly connectTimeoutMs?: number | undefined;
  /** How long to look for a version that was just written, in milliseconds. @default 3000 (CONSISTENCY_WAIT_MS) */
  readonly consistencyWaitMs?: number | undefined;
  /**
   * How long to go on trying a new credential that the service refuses: for farms of servers, of which some
   * know it later than others. In milliseconds. Each try counts as a refused login. @default 0 (PROPAGATION_WAIT_MS)
   */
  readonly propagationWaitMs?: number | undefined;
  /**
   * How long the previous credential must go on working, in minutes: a rotation that would end it sooner is
   * refused before anything is changed. Not for single users with one password, whose old password ends at
   * once. @default 0 (GRACE_PERIOD_MINUTES)
   */
  readonly gracePeriodMinutes?: number | undefined;
  /**
   * Called after finishSecret has moved AWSCURRENT, exactly once for a rotation; only if the process dies while
   * it runs it is called again, with the same version id. When it fails, the rotation is retried, and it with it.
   * It takes one more call, which marks the version with the staging label KEYTURN_HOOK_DONE.
   */
  readonly afterRotation?: AfterRotation | undefined;
}

/** Where passwords come from, and what they look like. */
export interface PasswordOptions extends Partial<PasswordPolicy> {
  /** `local`: the process's CSPRNG; `get-random-password`: the service's call, one more a rotation. @default 'local' (PASSWORD_SOURCE) */
  readonly source?: 'local' | 'get-random-password';
}

/** Options, environment and defaults, put together. */
export interface Settings extends ServiceSettings {
  readonly password: Omit<PasswordPolicy, 'excludeCharacters'> & { readonly excludeCharacters: string | undefined };
  readonly passwordSource: 'local' | 'get-random-password';
  readonly givenAuthorities: readonly string[] | undefined;
  readonly masterSecretArn: string | undefined;
  /** Who changes the password in the single-user strategy, where its options do not say. */
  readonly passwordChangedBy: 'user' | 'master' | undefined;
  /** What the second of two alternating users ends in, where the strategy's options do not say. */
  readonly twinSuffix: string;
  /** The most characters of a user's name, as the variable of AWS's functions sets it. */
  readonly usernameCharacterLimit: number | undefined;
  /** What `MASTER_SECRET_ARN` says: it counts after the secret's own key. */
  readonly defaultMasterSecretArn: string | undefined;
  readonly failedLoginLimit: number;
  readonly connectTimeoutMs: number;
  readonly consistencyWaitMs: number;
  readonly propagationWaitMs: number;
  readonly gracePeriodMinutes: number;
  readonly afterRotation: AfterRotation | undefined;
}

/** @throws RotationError `invalid-configuration`, naming every wrong option and variable at once */
export function readSettings(options: RotationOptions, env: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const read = readerOf(env, faults);
  const { password = {} } = options;
  const settings = {
    password: {
      passwordLength: password.passwordLength ?? read.whole('PASSWORD_LENGTH', 32, 1, 4096),
      excludeCharacters: password.excludeCharacters ?? env.EXCLUDE_CHARACTERS,
      excludeNumbers: password.excludeNumbers ?? read.yes('EXCLUDE_NUMBERS', false),
      excludePunctuation: password.excludePunctuation ?? read.yes('EXCLUDE_PUNCTUATION', false),
      excludeUppercase: password.excludeUppercase ?? read.yes('EXCLUDE_UPPERCASE', false),
      excludeLowercase: password.excludeLowercase ?? read.yes('EXCLUDE_LOWERCASE', false),
      includeSpace: password.includeSpace ?? read.yes('INCLUDE_SPACE', false),
      requireEachIncludedType: password.requireEachIncludedType ?? read.yes('REQUIRE_EACH_INCLUDED_TYPE', true),
    },
    passwordSource: password.source ?? read.oneOf('PASSWORD_SOURCE', ['local', 'get-random-password']),
    passwordChangedBy: env.PASSWORD_CHANGED_BY ? read.oneOf('PASSWORD_CHANGED_BY', ['user', 'master']) : undefined,
    twinSuffix: env.TWIN_SUFFIX || '_clone',
    usernameCharacterLimit: env.USERNAME_CHARACTER_LIMIT
      ? read.whole('USERNAME_CHARACTER_LIMIT', 0, 1, 1_000)
      : undefined,
    givenAuthorities: givenAuthorities(options.tls ?? {}, env),
    masterSecretArn: options.masterSecretArn,
    ...readServiceSettings(options, env, faults),
    defaultMasterSecretArn: env.MASTER_SECRET_ARN || undefined,
    failedLoginLimit: options.failedLoginLimit ?? read.whole('FAILED_LOGIN_LIMIT', 3, 1, 100),
    connectTimeoutMs: options.connectTimeoutMs ?? read.whole('CONNECT_TIMEOUT_MS', 5_000, 100, 300_000),
    consistencyWaitMs: options.consistencyWaitMs ?? read.whole('CONSISTENCY_WAIT_MS', 3_000, 0, 60_000),
    propagationWaitMs: options.propagationWaitMs ?? read.whole('PROPAGATION_WAIT_MS', 0, 0, 600_000),
    gracePeriodMinutes: options.gracePeriodMinutes ?? read.whole('GRACE_PERIOD_MINUTES', 0, 0, 525_600),
    afterRotation: options.afterRotation,
  };
  if (faults.length > 0) {
    throw new RotationError('invalid-configuration', {
      message: `wrong options or environment variables: ${faults.join('; ')}`,
    });
  }
  return settings;
}

function readerOf(env: NodeJS.ProcessEnv, faults: string[]) {
  // The value is not quoted in a fault: somebody may have put a secret there by mistake.
  return {
    whole(name: string, byDefault: number, least: number, most: number): number {
      const text = env[name];
      if (text === undefined || text === '') return byDefault;
      const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
      if (!(value >= least && value <= most)) faults.push(`${name} must be a whole number from ${least} to ${most}`);
      return value;
    },
    /** As AWS's functions read it: true, 1, y and yes mean yes. */
    yes(name: string, byDefault: boolean): boolean {
      const text = env[name]?.trim().toLowerCase();
      if (text === undefined || text === '') return byDefault;
      if (['true', '1', 'y', 'yes'].includes(text)) return true;
      if (!['false', '0', 'n', 'no'].includes(text)) faults.push(`${name} must be true or false`);
      return false;
    },
    oneOf<const T extends string>(name: string, values: readonly [T, ...T[]]): T {
      const text = env[name];
      if (text === undefined || text === '') return values[0];
      const found = values.find((value) => value === text);
      if (found === undefined) faults.push(`${name} must be one of ${values.join(', ')}`);
      return found ?? values[0];
    },
  };
}
