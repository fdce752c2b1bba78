import { RotationError } from './errors.ts';
import type { PasswordPolicy } from './password-policy.ts';
import { givenAuthorities, type TlsOptions } from './tls.ts';

/** Options of a rotation function. What is absent comes from the environment, then from the default. */
export interface RotationOptions {
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
}

/** Where passwords come from, and what they look like. */
export interface PasswordOptions extends Partial<PasswordPolicy> {
  /** `local`: the process's CSPRNG; `get-random-password`: the service's call, one more a rotation. @default 'local' (PASSWORD_SOURCE) */
  readonly source?: 'local' | 'get-random-password';
}

/** Options, environment and defaults, put together. */
export interface Settings {
  readonly password: Omit<PasswordPolicy, 'excludeCharacters'> & { readonly excludeCharacters: string | undefined };
  readonly passwordSource: 'local' | 'get-random-password';
  readonly givenAuthorities: readonly string[] | undefined;
  readonly masterSecretArn: string | undefined;
  /** Who changes the password in the single-user strategy, where its options do not say. */
  readonly passwordChangedBy: 'user' | 'master';
  /** What `MASTER_SECRET_ARN` says: it counts after the secret's own key. */
  readonly defaultMasterSecretArn: string | undefined;
  readonly failedLoginLimit: number;
  readonly connectTimeoutMs: number;
  readonly consistencyWaitMs: number;
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
    passwordChangedBy: read.oneOf('PASSWORD_CHANGED_BY', ['user', 'master']),
    givenAuthorities: givenAuthorities(options.tls ?? {}, env),
    masterSecretArn: options.masterSecretArn,
    defaultMasterSecretArn: env.MASTER_SECRET_ARN || undefined,
    failedLoginLimit: options.failedLoginLimit ?? read.whole('FAILED_LOGIN_LIMIT', 3, 1, 100),
    connectTimeoutMs: options.connectTimeoutMs ?? read.whole('CONNECT_TIMEOUT_MS', 5_000, 100, 300_000),
    consistencyWaitMs: options.consistencyWaitMs ?? read.whole('CONSISTENCY_WAIT_MS', 3_000, 0, 60_000),
  };
  if (faults.length > 0) {
    throw new RotationError('invalid-configuration', { message: `wrong environment variables: ${faults.join('; ')}` });
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
