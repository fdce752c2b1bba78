import { type DatabaseSecret, parseMasterSecret } from './database-secret.ts';
import type { SecretRules } from './engine.ts';
import { RotationError } from './errors.ts';
import type { ManagedServices } from './managed-services.ts';
import { MasterService } from './master-service.ts';
import type { Rotation } from './rotation.ts';
import { AWSCURRENT } from './secret-versions.ts';
import type { ServiceAddress } from './service-address.ts';

/** What errors call the credential of the master secret. */
const stage = 'AWSCURRENT of the master secret';

/** The secret of the administrator who changes other users' passwords. */
export class MasterSecret {
  readonly #rules: SecretRules;
  readonly #current: DatabaseSecret;
  readonly #rotation: Rotation;
  readonly #service: MasterService;
  /** Where a managed secret's server was found: a second reading is for a new password, not for a new server. */
  #found: ServiceAddress | undefined;

  /** @param managedServices finds the servers of managed master secrets @default - no service is asked */
  constructor(rules: SecretRules, current: DatabaseSecret, rotation: Rotation, managedServices?: ManagedServices) {
    this.#rules = rules;
    this.#current = current;
    this.#rotation = rotation;
    this.#service = new MasterService(rules, current, rotation, managedServices);
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
   * Reads it, and checks that it belongs to the same service. One that the service manages gets its host and port
   * from the configuration or from the service, and dbname and ssl, which it does not have, from the rotated secret.
   * @throws RotationError `service-mismatch`, before any login; `invalid-secret` and the like; `service-denied` and
   *   the other errors of a service that was asked; all with the master's stage
   */
  async read(): Promise<{ readonly secret: DatabaseSecret; readonly versionId: string }> {
    try {
      const arn = MasterSecret.arnFor(this.#current, this.#rotation);
      const { earlyMaster, manager } = this.#rotation;
      const { text, versionId } = earlyMaster.take(arn) ?? (await manager.getValue(arn, { label: AWSCURRENT }));
      return { secret: await this.#locate(text, arn), versionId };
    } catch (error) {
      throw error instanceof RotationError ? error.with({ stage }) : error;
    }
  }

  async #locate(text: string | undefined, arn: string): Promise<DatabaseSecret> {
    const secret = parseMasterSecret(text, this.#rules);
    this.#rotation.redactor.protect(secret.password.reveal());
    if (secret.host !== undefined) {
      await this.#service.check(secret);
      return secret;
    }
    this.#found ??= await this.#service.find(arn);
    const { username, password, database = this.#current.database, tls = this.#current.tls } = secret;
    return { ...this.#found, username, password, database, masterArn: undefined, tls };
  }
}
