/** What the service does not document of rotations (facts 20 and 22). Functions should pass with any of these. */
export interface RotationSettings {
  /** How often a failing rotation is tried in all. @default - 3 */
  readonly attempts: number;
  /** The wait before a retry, in milliseconds of the service's clock. @default - 0 */
  readonly retryDelayMs: number;
  /** Whether a retry goes on with the same version, or makes a new one. @default - true */
  readonly reuseToken: boolean;
  /** Whether the version made for a lone testSecret holds a copy of AWSCURRENT's value. @default - false */
  readonly testVersionHasValue: boolean;
}

export const defaultRotationSettings: RotationSettings = {
  attempts: 3,
  retryDelayMs: 0,
  reuseToken: true,
  testVersionHasValue: false,
};

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
