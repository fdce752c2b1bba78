import type { CredentialKeys, CredentialListing, CredentialOwner } from './credential-issuer.ts';
import { hasCode, RotationError } from './errors.ts';
import type { IssuerCalls } from './issuer-calls.ts';
import type { Rotation } from './rotation.ts';
import { parseSecretText } from './secret-text.ts';
import type { SecretVersion, VersionListing } from './secrets-manager.ts';
import { isStateRefusal } from './service-errors.ts';

const AWSPREVIOUS = 'AWSPREVIOUS';

/** Clocks differ: a version may seem to be this much older than the credential in it, in milliseconds. */
const clockSkewMs = 60 * 60 * 1_000;

/** What is made room for: the rotation's next credential, beside the one in use. */
export interface Room {
  readonly owner: CredentialOwner;
  /** The id that AWSCURRENT holds. It is never deleted. */
  readonly inUse: string;
  readonly listed: readonly CredentialListing[];
  readonly keys: CredentialKeys;
}

/**
 * Deletes the owner's other credentials, so that there is room for a new one and no credential stays that
 * no version holds.
 *
 * AWSPREVIOUS's is deleted at once: its grace ends here. Any other one is either what a rotation left behind
 * that died or was given up, or somebody else's. Of a credential that died with its rotation nobody ever had
 * the secret, so nobody has used it; and what a rotation gave up, a version still holds. A credential that was
 * used and is in no version is not ours: the rotation ends, and it stays.
 *
 * What a rotation left behind may also belong to one that runs right now in another process, and
 * promotes it between our look and our deletion. So it is first made unusable, in a way that can be undone; then the
 * versions are looked at again; and only then it is deleted. A version is promoted only after its credential
 * was accepted, and stored before: either it is seen here, or it is not accepted there.
 * @returns false if this rotation's version has got its value meanwhile: there is nothing left to make
 * @throws RotationError `credential-limit-reached` for a credential that is not ours; `labels-moved`
 */
export async function makeRoom(room: Room, issuer: IssuerCalls, rotation: Rotation): Promise<boolean> {
  const { owner, keys } = room;
  for (const listing of room.listed) {
    const { id } = listing;
    if (id === room.inUse) continue;
    if ((await previousId(keys, rotation)) !== id) {
      await checkOurs(listing, room, issuer, rotation);
      await issuer.setActive(owner, id, false);
      const { versions, event } = rotation;
      const [current, pending] = await Promise.all([versions.current(), versions.read(event.ClientRequestToken)]);
      if (pending !== undefined || idIn(current, keys) !== room.inUse) {
        if (listing.active) await issuer.setActive(owner, id, true);
        if (pending !== undefined) return false;
        throw new RotationError('labels-moved', { message: 'AWSCURRENT moved while the rotation began' });
      }
    }
    await issuer.delete(owner, id);
    rotation.log.info('credential-deleted', { user: owner.user, credentialId: id });
  }
  return true;
}

/** Read right before it matters, so that a label that somebody has moved back meanwhile is seen. */
async function previousId(keys: CredentialKeys, rotation: Rotation): Promise<string | undefined> {
  try {
    const previous = await rotation.manager.getValue(rotation.event.SecretId, { label: AWSPREVIOUS });
    return idIn(previous, keys);
  } catch (error) {
    if (isStateRefusal(error)) return undefined;
    throw error;
  }
}

async function checkOurs(
  { id, createdAt }: CredentialListing,
  { owner, keys }: Room,
  issuer: IssuerCalls,
  rotation: Rotation,
): Promise<void> {
  if (!(await issuer.wasUsed(owner, id))) return;
  // No version can hold it that was stored before it was made.
  const since = ({ createdAt: storedAt, labels }: VersionListing) =>
    storedAt + clockSkewMs >= createdAt || labels.length > 0;
  for (const { versionId } of (await rotation.versions.others()).filter(since)) {
    if (idIn(await rotation.versions.read(versionId), keys) === id) return;
  }
  throw new RotationError('credential-limit-reached', {
    message: `the credential ${id} is in use and in no version of this secret, so it is somebody else's and was not deleted`,
    user: owner.user,
    remedy: `Give that use a user of its own, and delete ${id} by hand when nobody needs it; then rotate again.`,
  });
}

/** The id that a version holds; undefined for a version of another shape, which holds none. */
function idIn(version: SecretVersion | undefined, keys: CredentialKeys): string | undefined {
  if (version === undefined) return undefined;
  try {
    const id = parseSecretText(version.text)[keys.id];
    return typeof id === 'string' ? id : undefined;
  } catch (error) {
    if (hasCode(error, 'secret-not-json')) return undefined;
    throw error;
  }
}
