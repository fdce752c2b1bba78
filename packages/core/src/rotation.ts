import type { Deadline } from './deadline.ts';
import type { EarlyMaster } from './early-master.ts';
import type { Log } from './log.ts';
import type { LoginLimit, RefusedLogins } from './login-limit.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { Redactor } from './redact.ts';
import type { RotationEvent } from './rotation-event.ts';
import type { SecretVersions } from './secret-versions.ts';
import type { SecretsManager, SecretVersion } from './secrets-manager.ts';
import type { Settings } from './settings.ts';

/** What one invocation works with. */
export interface Rotation {
  readonly event: RotationEvent;
  readonly settings: Settings;
  readonly versions: SecretVersions;
  readonly manager: SecretsManager;
  readonly deadline: Deadline;
  readonly log: Log;
  readonly redactor: Redactor;
  readonly logins: LoginLimit;
  /** The wall clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** The master secret, where this invocation has read it before it is needed. */
  readonly earlyMaster: EarlyMaster;
  /** What this process has learned of earlier invocations; a help, never needed. */
  readonly memory: ProcessMemory;
}

/** What a warm process keeps between invocations. */
export interface ProcessMemory {
  readonly refused: RefusedLogins;
  /** Versions that testSecret logged in with in this process, as `secretId versionId`. */
  readonly proven: Set<string>;
  /** Rotations whose hook has failed in this process, likewise. */
  readonly hookFailed: Set<string>;
  /** Which master secret a secret is rotated with, where that may be read early. */
  readonly masterArns: Map<string, string>;
}

/** How a secret of one kind is rotated. The steps move labels; a strategy says what happens in between. */
export interface Strategy {
  /** For logs only. */
  readonly name: string;
  /** Whether the previous credential works until the next rotation's setSecret, and not only until this one's. */
  readonly previousWorks: boolean;
  /**
   * Checks the current value and returns the next one, which createSecret then stores. It changes nothing
   * anywhere, except where the service makes its credentials itself.
   * @returns undefined if the version of this rotation has its value already
   * @throws RotationError naming everything that is wrong with the secret or the configuration
   */
  nextValue(current: SecretVersion, rotation: Rotation): Promise<string | undefined>;
  /** Makes the service take the pending credential. Succeeds if it does already. */
  setSecret(current: SecretVersion, pending: SecretVersion, rotation: Rotation): Promise<void>;
  /** Proves that the service takes the credential of this version. */
  testSecret(version: SecretVersion, rotation: Rotation, label: string): Promise<void>;
}

/** The policy that the function's options, the environment and the engine's default give together. */
export function passwordPolicy(settings: Settings, excludedByDefault: string): PasswordPolicy {
  const { excludeCharacters, ...rest } = settings.password;
  return { ...rest, excludeCharacters: excludeCharacters ?? excludedByDefault };
}
