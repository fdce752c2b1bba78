/** What the service does not document of rotations (facts 20 and 22). Functions should pass with any of these. */
export interface RotationSettings {
  /** How often a failing rotation is tried in all. @default - 3 */
  readonly attempts: number;
  /** The wait before the first retry, in milliseconds of the service's clock. @default - 0 */
  readonly retryDelayMs: number;
  /** What each further wait is multiplied by. @default - 1: all waits are the same */
  readonly retryBackoff: number;
  /** No wait is longer, in milliseconds. @default - one hour */
  readonly maxRetryDelayMs: number;
  /** Where in its window a scheduled rotation starts, from 0, its opening, to 1, just before its end. @default - 0 */
  readonly momentInWindow: number;
  /** Whether a retry goes on with the same version, or makes a new one. @default - true */
  readonly reuseToken: boolean;
  /** Whether the version made for a lone testSecret holds a copy of AWSCURRENT's value. @default - false */
  readonly testVersionHasValue: boolean;
}

export const defaultRotationSettings: RotationSettings = {
  attempts: 3,
  retryDelayMs: 0,
  retryBackoff: 1,
  maxRetryDelayMs: 60 * 60 * 1000,
  momentInWindow: 0,
  reuseToken: true,
  testVersionHasValue: false,
};

/** The wait after attempt number `attempt`, in milliseconds. */
export function retryDelay(settings: RotationSettings, attempt: number): number {
  const { retryDelayMs, retryBackoff, maxRetryDelayMs } = settings;
  return Math.min(retryDelayMs * retryBackoff ** (attempt - 1), maxRetryDelayMs);
}

/** How a rotation, or a lone test of one, ended. */
export interface RotationResult {
  /** The secret's ARN. */
  readonly secretId: string;
  readonly kind: 'rotation' | 'test';
  /** The version of the last attempt. */
  readonly versionId: string;
  readonly outcome: 'succeeded' | 'failed' | 'abandoned' | 'cancelled';
  readonly attempts: number;
}
