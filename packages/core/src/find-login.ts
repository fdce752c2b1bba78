import type { DatabaseLogins } from './database-logins.ts';
import type { DatabaseSecret } from './database-secret.ts';
import { type Engine, endpointOf, type SecretRules } from './engine.ts';
import { hasCode, RotationError } from './errors.ts';
import type { Password } from './password.ts';
import { readSecret } from './read-secret.ts';
import type { Rotation } from './rotation.ts';
import { sameService } from './same-service.ts';
import type { SecretVersion } from './secrets-manager.ts';
import { nameOf, type VersionCandidate, versionCandidates } from './version-candidates.ts';

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
export type Candidate = VersionCandidate<DatabaseSecret>;

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

function candidates<C>(start: SearchStart<C>, rotation: Rotation): AsyncGenerator<Candidate> {
  const { current, currentId, pending } = start;
  return versionCandidates<DatabaseSecret>(
    {
      current: { versionId: currentId, secret: current },
      pending: pending && { versionId: pending.versionId, secret: { ...current, password: pending.password } },
      other: (version, label) => readOther(version, label, start, rotation),
      credentialOf: ({ password }) => password.reveal(),
    },
    rotation,
  );
}

/** An older version's password, to be tried as the current user at the current service and in no other way. */
function readOther<C>(
  version: SecretVersion,
  label: string,
  { engine, current }: SearchStart<C>,
  rotation: Rotation,
): DatabaseSecret | undefined {
  const secret = readListed(version, label, engine.secret, rotation);
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
    const version = await rotation.versions.read(listing.versionId);
    const secret = version && readListed(version, nameOf(listing), rules, rotation);
    if (secret?.username === username && sameService(secret, current, rotation.settings)) return true;
  }
  return false;
}

function readListed(
  version: SecretVersion,
  label: string,
  rules: SecretRules,
  rotation: Rotation,
): DatabaseSecret | undefined {
  try {
    return readSecret(version, rules, rotation, label);
  } catch (error) {
    // An old version may be anything, plain text too: then it is no candidate.
    if (hasCode(error, 'secret-not-json', 'invalid-secret')) return undefined;
    throw error;
  }
}
