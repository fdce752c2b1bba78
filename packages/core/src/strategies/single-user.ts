import { isDeepStrictEqual } from 'node:util';
import { DatabaseLogins } from '../database-logins.ts';
import { type DatabaseSecret, sameService } from '../database-secret.ts';
import type { Engine } from '../engine.ts';
import { hasCode, RotationError } from '../errors.ts';
import { findLogin, type SearchStart } from '../find-login.ts';
import { MasterSecret } from '../master-secret.ts';
import { nextPassword } from '../next-password.ts';
import { checkAccepted } from '../password-policy.ts';
import { readSecret } from '../read-secret.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { parseSecretText, withValues } from '../secret-text.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import type { SecretVersion } from '../secrets-manager.ts';

/** Who changes the password. */
export interface SingleUserOptions {
  /**
   * `user`: the user changes its own password. `master`: the master secret's user resets it, once the
   * user's own credential has logged in.
   * @default 'user' (PASSWORD_CHANGED_BY)
   */
  readonly changedBy?: 'user' | 'master' | undefined;
}

/**
 * The single-user strategy of the AWS guide: one user, whose password changes in place. Between
 * setSecret and finishSecret, clients that still hold the old password cannot open new connections.
 */
export function singleUser<C>(engine: Engine<C>, options: SingleUserOptions = {}): Strategy {
  const logins = new DatabaseLogins(engine);

  return {
    name: `single-user ${engine.name}`,

    async nextValue(version, rotation) {
      const current = readSecret(version, engine.secret, rotation, AWSCURRENT);
      if (changedBy(options, rotation) === 'master') MasterSecret.arnFor(current, rotation);
      const password = await nextPassword(engine.passwords, rotation);
      return withValues(version.text ?? '', { password });
    },

    async setSecret(currentVersion, pendingVersion, rotation) {
      const current = readSecret(currentVersion, engine.secret, rotation, AWSCURRENT);
      const pending = readSecret(pendingVersion, engine.secret, rotation, AWSPENDING);
      checkSameUserAndService(current, pending);
      await checkBasedOn(currentVersion, pendingVersion, rotation);
      checkAccepted(pending.password, engine.passwords);
      const change = changedBy(options, rotation) === 'master' ? resetByMaster : changeByUser;
      await change(
        { engine, logins, current, pending, currentId: currentVersion.versionId, pendingId: pendingVersion.versionId },
        rotation,
      );
    },

    async testSecret(version, rotation, label) {
      const secret = readSecret(version, engine.secret, rotation, label);
      await logins.use(secret, { label, versionId: version.versionId }, rotation, (connection) =>
        engine.ping(connection),
      );
    },
  };
}

async function changeByUser<C>(start: SearchStart<C>, rotation: Rotation): Promise<void> {
  const { engine, pending } = start;
  const found = await findLogin(start, rotation, async (connection, working) => {
    if (working.isPending) return;
    await refusalTakesPendingOff(rotation, () =>
      engine.changeOwnPassword(connection, pending.password, working.secret.password),
    );
  });
  rotation.log.info(found.isPending ? 'password-was-set-before' : 'password-set', { loggedInWith: found.label });
}

async function resetByMaster<C>(start: SearchStart<C>, rotation: Rotation): Promise<void> {
  const { engine, logins, current, pending } = start;
  const { admin } = engine;
  if (admin === undefined) {
    throw new RotationError('invalid-configuration', {
      message: `the engine ${engine.name} has no form in which the master resets the password`,
    });
  }
  // The confused deputy: who can write this secret must not make the master change a user whose password they do not know.
  const found = await findLogin(start, rotation, async () => {});
  // Also where the pending password logs in already: a server that knows the user by several hosts may have died between two.
  const master = new MasterSecret(engine.secret, current, rotation);
  await logins.useMaster(master, rotation, (connection) =>
    refusalTakesPendingOff(rotation, () => admin.resetPassword(connection, current.username, pending.password)),
  );
  rotation.log.info(found.isPending ? 'password-was-set-before' : 'password-set', {
    loggedInWith: found.label,
    resetBy: 'master',
  });
}

/**
 * Somebody may have stored a new value since createSecret made this one. Promoting this one would undo
 * their change, so it is given up; should the database have its password already, the next rotation finds it.
 */
async function checkBasedOn(current: SecretVersion, pending: SecretVersion, rotation: Rotation): Promise<void> {
  const withoutPassword = ({ text }: SecretVersion) => ({ ...parseSecretText(text), password: undefined });
  if (isDeepStrictEqual(withoutPassword(current), withoutPassword(pending))) return;
  const error = new RotationError('secret-changed', {
    message: 'AWSCURRENT has other keys or values than when AWSPENDING was made from it',
    stage: AWSPENDING,
  });
  throw error.with({ remedy: await takePendingOff(rotation) });
}

/**
 * A password that the server's rules refuse would be refused at every retry: without AWSPENDING, the next
 * rotation makes another one. The server has kept the old password, so nothing is lost.
 */
async function refusalTakesPendingOff(rotation: Rotation, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!hasCode(error, 'password-refused')) throw error;
    throw error.with({ remedy: `${error.remedy} ${await takePendingOff(rotation)}` });
  }
}

async function takePendingOff({ versions, log }: Rotation): Promise<string> {
  try {
    await versions.removePending();
  } catch (failure) {
    if (!(failure instanceof RotationError)) throw failure;
    log.error('pending-not-taken-off', { code: failure.code, driverCode: failure.driverCode });
    return `AWSPENDING could not be taken off (${failure.code}): a retry takes it off, or do it by hand.`;
  }
  log.warn('pending-taken-off');
  return 'AWSPENDING has been taken off: the next rotation starts afresh.';
}

function checkSameUserAndService(current: DatabaseSecret, pending: DatabaseSecret): void {
  if (pending.username !== current.username) {
    throw new RotationError('user-mismatch', {
      message: 'AWSPENDING and AWSCURRENT name different users',
      stage: AWSPENDING,
    });
  }
  if (!sameService(current, pending)) {
    throw new RotationError('service-mismatch', {
      message: 'AWSPENDING and AWSCURRENT name different hosts or ports',
      stage: AWSPENDING,
    });
  }
}

function changedBy(options: SingleUserOptions, rotation: Rotation): 'user' | 'master' {
  return options.changedBy ?? rotation.settings.passwordChangedBy;
}
