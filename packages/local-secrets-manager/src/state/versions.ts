import { limitExceeded } from '../wire/service-error.ts';
import type { Secret, SecretValue, Version, Versions } from './secret.ts';

const KEPT_VERSIONS = 100;
const KEPT_MS = 24 * 60 * 60 * 1000;
const LABELS_PER_SECRET = 20;

/** The versions with one more, or with a value for the placeholder that is there. */
export function withVersion(versions: Versions, id: string, value: SecretValue | undefined, now: number): Versions {
  const existing = versions.get(id);
  const version: Version = { createdAt: now, labels: [], ...existing, id, ...(value === undefined ? {} : { value }) };
  return new Map([...versions, [id, version]]);
}

/** The versions without one. */
export function withoutVersion(versions: Versions, id: string): Versions {
  return new Map([...versions].filter(([each]) => each !== id));
}

/** Drops the oldest label-less versions above 100; none is dropped within 24 hours of its creation (fact 9). */
export function pruned(versions: Versions, now: number): Versions {
  let surplus = versions.size - KEPT_VERSIONS;
  const kept = [...versions].filter(([, version]) => {
    const drop = surplus > 0 && version.labels.length === 0 && now - version.createdAt >= KEPT_MS;
    if (drop) surplus -= 1;
    return !drop;
  });
  return kept.length === versions.size ? versions : new Map(kept);
}

/** @throws ServiceError LimitExceededException above 20 staging labels (fact 9) */
export function checkLabelCount(versions: Versions): void {
  let count = 0;
  for (const version of versions.values()) count += version.labels.length;
  if (count > LABELS_PER_SECRET) {
    throw limitExceeded(`A secret can have at most ${LABELS_PER_SECRET} staging labels.`);
  }
}

/** @throws ServiceError LimitExceededException above 100 versions with a value that may not be dropped yet (fact 9) */
export function checkVersionCount(versions: Versions): void {
  let count = 0;
  for (const version of versions.values()) if (version.value !== undefined) count += 1;
  if (count > KEPT_VERSIONS) {
    throw limitExceeded(
      `A secret can have at most ${KEPT_VERSIONS} versions; those without a staging label are removed 24 hours after their creation.`,
    );
  }
}

/** Whether any version of the secret holds a value. */
export function hasValue(secret: Secret): boolean {
  return [...secret.versions.values()].some((version) => version.value !== undefined);
}
