import { type DatabaseSecret, sameService } from './database-secret.ts';
import type { SecretRules } from './engine.ts';
import { RotationError } from './errors.ts';
import { readSecret } from './read-secret.ts';
import type { Rotation } from './rotation.ts';
import { AWSCURRENT } from './secret-versions.ts';

/** What errors call the credential of the master secret. */
const stage = 'AWSCURRENT of the master secret';

/** The secret of the administrator who changes other users' passwords. */
export class MasterSecret {
  readonly #rules: SecretRules;
  readonly #current: DatabaseSecret;
  readonly #rotation: Rotation;

  constructor(rules: SecretRules, current: DatabaseSecret, rotation: Rotation) {
    this.#rules = rules;
    this.#current = current;
    this.#rotation = rotation;
  }

  /** @throws RotationError `master-secret-missing` if none of the three places names it */
  static arnFor(current: DatabaseSecret, { settings }: Rotation): string {
    const arn = settings.masterSecretArn ?? current.masterArn ?? settings.defaultMasterSecretArn;
    if (arn === undefined) {
      throw new RotationError('master-secret-missing', { message: 'no master secret is named' });
    }
    return arn;
  }

  /**
   * Reads it, and checks that it belongs to the same service.
   * @throws RotationError `service-mismatch`, before any login; `invalid-secret` and the like with the master's stage
   */
  async read(): Promise<{ readonly secret: DatabaseSecret; readonly versionId: string }> {
    const arn = MasterSecret.arnFor(this.#current, this.#rotation);
    const version = await this.#rotation.manager.getValue(arn, { label: AWSCURRENT }).catch((error: unknown) => {
      throw error instanceof RotationError ? error.with({ stage }) : error;
    });
    const secret = readSecret(version, this.#rules, this.#rotation, stage);
    if (!sameService(secret, this.#current)) {
      throw new RotationError('service-mismatch', {
        message: 'the master secret and AWSCURRENT name different hosts or ports',
        stage,
      });
    }
    return { secret, versionId: version.versionId };
  }
}
