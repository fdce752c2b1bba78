import type { Rotation } from './rotation.ts';
import { AWSCURRENT, AWSPENDING } from './secret-versions.ts';
import type { SecretVersion, VersionListing } from './secrets-manager.ts';

/** A version whose credential may be the one that the service has. */
export interface VersionCandidate<T> {
  readonly versionId: string;
  /** Its staging label, else `version <id>`. */
  readonly label: string;
  readonly secret: T;
  readonly isPending: boolean;
}

/** Where the candidates come from. */
export interface CandidateSource<T> {
  readonly current: { readonly versionId: string; readonly secret: T };
  /** This rotation's own version, where it is of the same user: an earlier try may have set its credential. */
  readonly pending: { readonly versionId: string; readonly secret: T } | undefined;
  /** What an older version holds for the current user at the current service; undefined where it is no candidate. */
  readonly other: (version: SecretVersion, label: string) => T | undefined;
  /** What makes two credentials the same. */
  readonly credentialOf: (secret: T) => string;
}

/**
 * The credentials that the service may have, the likeliest first, each once: AWSCURRENT's, AWSPENDING's, then
 * those of all other versions, newest first. What this process saw refused before comes last. The other versions are
 * asked for only when somebody wants more than the first two.
 */
export async function* versionCandidates<T>(
  source: CandidateSource<T>,
  { versions, memory, event }: Rotation,
): AsyncGenerator<VersionCandidate<T>> {
  const tried = new Set<string>();
  const isNew = (secret: T): boolean => {
    const text = source.credentialOf(secret);
    return !tried.has(text) && tried.add(text).has(text);
  };
  const isRefused = ({ versionId }: { versionId: string }): boolean => memory.refused.has(event.SecretId, versionId);
  const known: VersionCandidate<T>[] = [{ ...source.current, label: AWSCURRENT, isPending: false }];
  if (source.pending !== undefined) known.push({ ...source.pending, label: AWSPENDING, isPending: true });
  for (const candidate of known) if (!isRefused(candidate) && isNew(candidate.secret)) yield candidate;
  const others = await versions.others();
  for (const listing of [...others.filter((v) => !isRefused(v)), ...others.filter(isRefused)]) {
    const version = await versions.read(listing.versionId);
    const secret = version === undefined ? undefined : source.other(version, nameOf(listing));
    if (secret !== undefined && isNew(secret)) {
      yield { versionId: listing.versionId, label: nameOf(listing), secret, isPending: false };
    }
  }
  for (const candidate of known) if (isNew(candidate.secret)) yield candidate;
}

/** What a version is called in logs and errors. */
export function nameOf({ labels, versionId }: VersionListing): string {
  return labels[0] ?? `version ${versionId}`;
}
