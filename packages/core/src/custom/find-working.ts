import { isDeepStrictEqual } from 'node:util';
import { hasCode, RotationError } from '../errors.ts';
import type { Rotation } from '../rotation.ts';
import { withValues } from '../secret-text.ts';
import type { SecretVersion } from '../secrets-manager.ts';
import { type VersionCandidate, versionCandidates } from '../version-candidates.ts';
import type { CustomHooks } from './custom-hooks.ts';
import { type CustomSecret, parseCustomSecret, rotatedKeysOf } from './custom-secret.ts';
import { isAccepted } from './prove-credential.ts';

/** What the search starts from. */
export interface SearchStart<S> {
  readonly current: { readonly versionId: string; readonly secret: CustomSecret<S> };
  readonly pending: { readonly versionId: string; readonly secret: CustomSecret<S> };
}

/**
 * The credential that the service accepts: AWSCURRENT's, except after a crash or a change by hand. Then it is
 * looked for in AWSPENDING and in all other versions of the same account, newest first, until the limit of refused ones.
 * @throws RotationError `login-failed` if none is found; any other failure at once
 */
export async function findWorking<S extends object>(
  hooks: CustomHooks<S>,
  start: SearchStart<S>,
  rotation: Rotation,
): Promise<VersionCandidate<CustomSecret<S>>> {
  const keys = rotatedKeysOf(hooks);
  const source = {
    ...start,
    other: (version: SecretVersion, label: string) =>
      ofSameAccount(hooks, start.current.secret, version, label, rotation),
    credentialOf: ({ values }: CustomSecret<S>) => JSON.stringify(keys.map((key) => values[key])),
  };
  const refused: string[] = [];
  for await (const candidate of versionCandidates(source, rotation)) {
    if (rotation.logins.reached) break;
    if (await isAccepted(hooks, candidate, rotation)) return candidate;
    refused.push(candidate.label);
  }
  const more = rotation.logins.reached ? ' (no more are tried in one invocation)' : '';
  throw new RotationError('login-failed', {
    message: `no credential was accepted of those tried: ${refused.join(', ')}${more}`,
    remedy: 'Store the credential that the service has in AWSCURRENT with PutSecretValue, then rotate again.',
  });
}

/** AWSCURRENT with the rotated keys of an older version, and with nothing else of it. */
function ofSameAccount<S extends object>(
  hooks: CustomHooks<S>,
  current: CustomSecret<S>,
  version: SecretVersion,
  label: string,
  rotation: Rotation,
): CustomSecret<S> | undefined {
  try {
    const other = parseCustomSecret(version.text, label, hooks, rotation);
    const keys = rotatedKeysOf(hooks);
    const same = hooks.isSameAccount?.(current.secret, other.secret) ?? equalBut(keys, current.secret, other.secret);
    if (!same) return undefined;
    const rotated = Object.fromEntries(keys.map((key) => [key, other.values[key]]));
    return parseCustomSecret(withValues(current.text, rotated), label, hooks, rotation);
  } catch (error) {
    // An old version may be anything, plain text too: then it is no candidate.
    if (hasCode(error, 'secret-not-json', 'invalid-secret')) return undefined;
    throw error;
  }
}

function equalBut(keys: readonly string[], one: object, other: object): boolean {
  const kept = (secret: object) => Object.fromEntries(Object.entries(secret).filter(([key]) => !keys.includes(key)));
  return isDeepStrictEqual(kept(one), kept(other));
}
