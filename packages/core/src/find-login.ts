import type { DatabaseLogins } from './database-logins.ts';
import type { DatabaseSecret } from './database-secret.ts';
import { type Engine, endpointOf, type SecretRules } from './engine.ts';
import { hasCode, RotationError } from './errors.ts';
import type { Password } from './password.ts';
import { readSecret } from './read-secret.ts';
import type { Rotation } from './rotation.ts';
import { sameService } from './same-service.ts';
import { AWSCURRENT, AWSPENDING } from './secret-versions.ts';
import type { VersionListing } from './secrets-manager.ts';

/** What the search starts from. */
export interface SearchStart<C> {
  readonly engine: Engine<C>;
  readonly logins: DatabaseLogins<C>;
  readonly current: DatabaseSecret;
  readonly currentId: string;
  /** This rotation's own version, where it is of the same user: an earlier try may have set its password. */
  readonly pending?: { readonly versionId: string; readonly password: Password };
}

/** A version whose password may be the one that the database has. */
export interface Candidate {
  readonly versionId: string;
  readonly label: string;
  readonly secret: DatabaseSecret;
  readonly isPending: boolean;
}

/**
 * Logs in with the password that the database has, and lends the connection.
 *
 * That is AWSCURRENT's, except after a crash or a change by hand. Then it is looked for: AWSPENDING (an
 * earlier try of this rotation has set it), then all other versions, newest first (a rotation that was
 * given up has set one of them). Each is tried as the same user at the same service, and only until the
 * limit of refused logins. What this process saw refused before is tried last.
 * @throws RotationError `login-failed` if none is found; any other failure at once
 */
export async function findLogin<C>(
  start: SearchStart<C>,
  rotation: Rotation,
  work: (connection: C, candidate: Candidate) => Promise<void>,
): Promise<Candidate> {
  const refused: string[] = [];
  const { logins } = rotation;
  for await (const candidate of candidates(start, rotation)) {
    if (logins.reached) break;
    let loggedIn = false;
    try {
      await start.logins.use(candidate.secret, candidate, rotation, async (connection) => {
        loggedIn = true;
        // From now on the pending password may become the right one, whatever was seen before.
        rotation.memory.refused.delete(rotation.event.SecretId, rotation.event.ClientRequestToken);
        await work(connection, candidate);
      });
      return candidate;
    } catch (error) {
      if (loggedIn || !hasCode(error, 'login-failed')) throw error;
      refused.push(candidate.label);
    }
  }
  throw new RotationError('login-failed', {
    message: `no password was accepted of those tried: ${refused.join(', ')}${logins.reached ? ' (no more are tried in one invocation)' : ''}`,
    user: start.current.username,
    endpoint: endpointOf(start.current),
    remedy:
      'Store the password that the database has in AWSCURRENT with PutSecretValue, or reset it with an administrator, then rotate again.',
  });
}

async function* candidates<C>(start: SearchStart<C>, rotation: Rotation): AsyncGenerator<Candidate> {
  const { current, pending, currentId } = start;
  const tried = new Set<string>();
  const isNew = (secret: DatabaseSecret): boolean => {
    const text = secret.password.reveal();
    return !tried.has(text) && tried.add(text).has(text);
  };
  const isRefused = ({ versionId }: { versionId: string }): boolean =>
    rotation.memory.refused.has(rotation.event.SecretId, versionId);
  const known: Candidate[] = [{ versionId: currentId, label: AWSCURRENT, secret: current, isPending: false }];
  if (pending !== undefined) {
    const { versionId, password } = pending;
    known.push({ versionId, label: AWSPENDING, secret: { ...current, password }, isPending: true });
  }
  for (const candidate of known) if (!isRefused(candidate) && isNew(candidate.secret)) yield candidate;
  // Only now, when the versions at hand were refused, the slow question.
  const others = await rotation.versions.others();
  for (const listing of [...others.filter((v) => !isRefused(v)), ...others.filter(isRefused)]) {
    const secret = await readOther(listing, start, rotation);
    if (secret !== undefined && isNew(secret)) {
      yield { versionId: listing.versionId, label: nameOf(listing), secret, isPending: false };
    }
  }
  for (const candidate of known) if (isNew(candidate.secret)) yield candidate;
}

/** An older version's password, to be tried as the current user at the current service and in no other way. */
async function readOther<C>(
  listing: VersionListing,
  { engine, current }: SearchStart<C>,
  rotation: Rotation,
): Promise<DatabaseSecret | undefined> {
  const secret = await readListed(listing, engine.secret, rotation);
  if (secret === undefined) return undefined;
  const sameLogin = secret.username === current.username && sameService(secret, current, rotation.settings);
  return sameLogin ? { ...current, password: secret.password } : undefined;
}

/** Whether a version besides AWSCURRENT and this rotation's own names this user, at the same service. */
export async function isNamedByOtherVersion(
  username: string,
  current: DatabaseSecret,
  rules: SecretRules,
  rotation: Rotation,
): Promise<boolean> {
  for (const listing of await rotation.versions.others()) {
    const secret = await readListed(listing, rules, rotation);
    if (secret?.username === username && sameService(secret, current, rotation.settings)) return true;
  }
  return false;
}

async function readListed(
  listing: VersionListing,
  rules: SecretRules,
  rotation: Rotation,
): Promise<DatabaseSecret | undefined> {
  const version = await rotation.versions.read(listing.versionId);
  if (version === undefined) return undefined;
  try {
    return readSecret(version, rules, rotation, nameOf(listing));
  } catch (error) {
    // An old version may be anything, plain text too: then it is no candidate.
    if (hasCode(error, 'secret-not-json', 'invalid-secret')) return undefined;
    throw error;
  }
}

function nameOf({ labels, versionId }: VersionListing): string {
  return labels[0] ?? `version ${versionId}`;
}
