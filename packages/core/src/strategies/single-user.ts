import { checkBasedOn } from '../based-on.ts';
import { DatabaseLogins } from '../database-logins.ts';
import type { DatabaseSecret } from '../database-secret.ts';
import type { Engine } from '../engine.ts';
import { RotationError } from '../errors.ts';
import { type Candidate, findLogin, type SearchStart } from '../find-login.ts';
import type { ManagedServices } from '../managed-services.ts';
import { MasterSecret } from '../master-secret.ts';
import { nextPassword } from '../next-password.ts';
import { checkAccepted } from '../password-policy.ts';
import { proveLogin } from '../prove-login.ts';
import { readSecret } from '../read-secret.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { sameService } from '../same-service.ts';
import { withValues } from '../secret-text.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import { refusalTakesPendingOff } from '../take-pending-off.ts';

/** Who changes the password. */
export interface SingleUserOptions {
  /**
   * `user`: the user changes its own password. `master`: the master secret's user does, once the user's own
   * credential has logged in.
   * @default 'user', for multi-credential 'master' (PASSWORD_CHANGED_BY)
   */
  readonly changedBy?: 'user' | 'master' | undefined;
  /** Finds the servers of managed master secrets. @default - a master secret says itself where its server is */
  readonly managedServices?: ManagedServices | undefined;
}

/**
 * The single-user strategy of the AWS guide: one user, whose password changes in place.
 *
 * Where the engine lets a user have two passwords at a time, the old one works until the next rotation sets
 * another, and no client ever fails. Elsewhere, clients that still hold the old password cannot open new
 * connections from setSecret on, until they read the secret again after finishSecret.
 */
export function singleUser<C>(engine: Engine<C>, options: SingleUserOptions = {}): Strategy {
  return passwordOfOneUser({ name: 'single-user', changedBy: 'user' }, engine, options);
}

/** Rotates the password of one user, with an overlap where the engine has one. */
export function passwordOfOneUser<C>(
  byDefault: { readonly name: string; readonly changedBy: 'user' | 'master' },
  engine: Engine<C>,
  options: SingleUserOptions,
): Strategy {
  const logins = new DatabaseLogins(engine);
  const changedBy = ({ settings }: Rotation) => options.changedBy ?? settings.passwordChangedBy ?? byDefault.changedBy;

  return {
    name: `${byDefault.name} ${engine.name}`,
    previousWorks: engine.overlap !== undefined,

    async nextValue(version, rotation) {
      const current = readSecret(version, engine.secret, rotation, AWSCURRENT);
      if (changedBy(rotation) === 'master') MasterSecret.arnFor(current, rotation);
      const password = await nextPassword(engine.passwords, rotation);
      return withValues(version.text ?? '', { password });
    },

    async setSecret(currentVersion, pendingVersion, rotation) {
      const current = readSecret(currentVersion, engine.secret, rotation, AWSCURRENT);
      const pending = readSecret(pendingVersion, engine.secret, rotation, AWSPENDING);
      checkSameUserAndService(current, pending, rotation);
      await checkBasedOn(currentVersion, pendingVersion, ['password'], rotation);
      checkAccepted(pending.password, engine.passwords);
      const change = changedBy(rotation) === 'master' ? changeByMaster : changeByUser;
      const found = await change(
        {
          engine,
          logins,
          current,
          currentId: currentVersion.versionId,
          pending: { versionId: pendingVersion.versionId, password: pending.password },
          managedServices: options.managedServices,
        },
        rotation,
      );
      rotation.log.info(found.isPending ? 'password-was-set-before' : 'password-set', {
        loggedInWith: found.label,
        changedBy: changedBy(rotation),
      });
    },

    testSecret(version, rotation, label) {
      const secret = readSecret(version, engine.secret, rotation, label);
      return proveLogin({ engine, logins }, secret, { label, versionId: version.versionId }, rotation);
    },
  };
}

interface Change<C> extends SearchStart<C> {
  readonly pending: NonNullable<SearchStart<C>['pending']>;
  readonly managedServices: ManagedServices | undefined;
}

function changeByUser<C>(change: Change<C>, rotation: Rotation): Promise<Candidate> {
  const { engine, current, pending } = change;
  return findLogin(change, rotation, async (connection, working) => {
    const { overlap } = engine;
    if (overlap !== undefined) {
      const keep = working.secret.password;
      // Also where the pending password logs in already: an earlier try may have died before it was saved.
      await refusalTakesPendingOff(rotation, () =>
        overlap.addPassword(connection, current.username, pending.password, keep),
      );
    } else if (!working.isPending) {
      await refusalTakesPendingOff(rotation, () =>
        engine.changeOwnPassword(connection, pending.password, working.secret.password),
      );
    }
  });
}

async function changeByMaster<C>(change: Change<C>, rotation: Rotation): Promise<Candidate> {
  const { engine, logins, current, pending, managedServices } = change;
  const { admin, overlap } = engine;
  const { username } = current;
  if (admin === undefined) {
    throw new RotationError('invalid-configuration', {
      message: `the engine ${engine.name} has no form in which the master resets the password`,
    });
  }
  // The confused deputy: who can write this secret must not make the master change a user whose password they do not know.
  const found = await findLogin(change, rotation, async () => {});
  const keep = found.secret.password;
  const master = new MasterSecret(engine.secret, current, rotation, managedServices);
  // Also where the pending password logs in already: a server that knows the user by several hosts may have died between two.
  await logins.useMaster(master, [username], rotation, (connection) =>
    refusalTakesPendingOff(rotation, () =>
      overlap === undefined
        ? admin.resetPassword(connection, username, pending.password, current.database)
        : overlap.addPassword(connection, username, pending.password, keep),
    ),
  );
  return found;
}

function checkSameUserAndService(current: DatabaseSecret, pending: DatabaseSecret, rotation: Rotation): void {
  if (pending.username !== current.username) {
    throw new RotationError('user-mismatch', {
      message: 'AWSPENDING and AWSCURRENT name different users',
      stage: AWSPENDING,
    });
  }
  if (!sameService(current, pending, rotation.settings)) {
    throw new RotationError('service-mismatch', {
      message: 'AWSPENDING and AWSCURRENT name different hosts or ports',
      stage: AWSPENDING,
    });
  }
}
