import { checkBasedOn } from '../based-on.ts';
import type { CredentialIssuer } from '../credential-issuer.ts';
import { hasCode } from '../errors.ts';
import { checkNamedUser, readIssuedSecret } from '../issued-secret.ts';
import { IssuerCalls } from '../issuer-calls.ts';
import { makeRoom } from '../make-room.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { withValues } from '../secret-text.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import { takePendingOff } from '../take-pending-off.ts';

/** How long a new credential may take until the service accepts it, in milliseconds, where nothing else is said. */
const defaultPropagationWaitMs = 60_000;

/** How a rotation of issued credentials waits. */
export interface IssuedCredentialsOptions {
  /**
   * How long to wait until the service accepts a new credential, in milliseconds; less where Lambda leaves less.
   * @default - the function's propagationWaitMs (PROPAGATION_WAIT_MS) unless that is 0, then 60000
   */
  readonly propagationWaitMs?: number | undefined;
}

/**
 * The guide's strategy for one user with two credentials, in the form in which the service makes them.
 *
 * createSecret proves AWSCURRENT, which tells the user; deletes the user's other credential; makes a new one
 * and stores it. The previous credential works until the next rotation's createSecret, so no client fails
 * that reads the secret at least once between two rotations. A credential that was made and not stored, by a process
 * that died in between, is found and deleted by the next try. One user is rotated by one secret.
 * @throws RotationError of nextValue: `login-failed` if AWSCURRENT does not work; `credential-unknown`;
 *   `credential-limit-reached` if the other credential is somebody else's
 */
export function issuedCredentials(issuer: CredentialIssuer, options: IssuedCredentialsOptions = {}): Strategy {
  const { keys } = issuer;
  return {
    name: `multi-credential ${issuer.name}`,
    previousWorks: true,

    async nextValue(currentVersion, rotation) {
      const { versions, event, settings, log } = rotation;
      // A repeat must not make another credential. The step has seen that the version is AWSPENDING.
      if ((await versions.read(event.ClientRequestToken)) !== undefined) return undefined;
      const current = readIssuedSecret(currentVersion, keys, rotation, AWSCURRENT);
      const calls = new IssuerCalls(issuer, rotation);
      const owner = await calls.prove(current, AWSCURRENT, settings.consistencyWaitMs);
      checkNamedUser(current, owner, keys, AWSCURRENT);
      const listed = await calls.list(owner, current.id, settings.consistencyWaitMs, AWSCURRENT);
      if (!(await makeRoom({ owner, inUse: current.id, listed, keys }, calls, rotation))) return undefined;
      const created = await calls.create(owner, listed.length > 1 ? settings.consistencyWaitMs : 0);
      log.info('credential-created', { user: owner.user, credentialId: created.id, serviceCalls: calls.calls });
      return withValues(currentVersion.text ?? '', { [keys.id]: created.id, [keys.secret]: created.secret.reveal() });
    },

    async setSecret(currentVersion, pendingVersion, rotation) {
      const current = readIssuedSecret(currentVersion, keys, rotation, AWSCURRENT);
      const pending = readIssuedSecret(pendingVersion, keys, rotation, AWSPENDING);
      await checkBasedOn(currentVersion, pendingVersion, [keys.id, keys.secret], rotation);
      const calls = new IssuerCalls(issuer, rotation);
      const owner = await calls.prove(current, AWSCURRENT, rotation.settings.consistencyWaitMs);
      checkNamedUser(pending, owner, keys, AWSPENDING);
      await missingTakesPendingOff(rotation, () =>
        calls.list(owner, pending.id, listingWaitMs(rotation, options), AWSPENDING),
      );
      rotation.log.info('credential-is-there', {
        user: owner.user,
        credentialId: pending.id,
        serviceCalls: calls.calls,
      });
    },

    async testSecret(version, rotation, label) {
      const secret = readIssuedSecret(version, keys, rotation, label);
      const waitMs = label === AWSPENDING ? propagationWaitMs(rotation, options) : rotation.settings.consistencyWaitMs;
      const calls = new IssuerCalls(issuer, rotation);
      const owner = await calls.prove(secret, label, waitMs);
      checkNamedUser(secret, owner, keys, label);
      rotation.log.info('credential-proven', { user: owner.user, credentialId: secret.id, serviceCalls: calls.calls });
    },
  };
}

/**
 * Somebody has deleted the pending credential, or made it unusable: that will not mend at any retry, so the
 * version is given up. AWSCURRENT's works.
 */
async function missingTakesPendingOff(rotation: Rotation, look: () => Promise<unknown>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!hasCode(error, 'credential-unknown')) throw error;
    throw error.with({ remedy: await takePendingOff(rotation) });
  }
}

function propagationWaitMs({ settings }: Rotation, options: IssuedCredentialsOptions): number {
  return options.propagationWaitMs ?? (settings.propagationWaitMs || defaultPropagationWaitMs);
}

/** Half of the invocation's time at most: some must be left to take AWSPENDING off. */
function listingWaitMs(rotation: Rotation, options: IssuedCredentialsOptions): number {
  return Math.min(propagationWaitMs(rotation, options), rotation.deadline.remainingMs() / 2);
}
