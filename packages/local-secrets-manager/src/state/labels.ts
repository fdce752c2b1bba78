import type { Version, Versions } from './secret.ts';

export const AWSCURRENT = 'AWSCURRENT';
export const AWSPENDING = 'AWSPENDING';
const AWSPREVIOUS = 'AWSPREVIOUS';

/** How staging labels move. Injected where labels move, so that a test can break a rule on purpose. */
export interface LabelRules {
  /** The labels after PutSecretValue or UpdateSecret gave them to version `id` (facts 1, 4, 5, 6). */
  put(versions: Versions, id: string, labels: readonly string[]): Versions;
  /** The labels after UpdateSecretVersionStage; `to` absent takes the label off (facts 1, 3, 4). */
  move(versions: Versions, label: string, to: string | undefined): Versions;
}

/** The service's own rules. */
export const labelRules: LabelRules = {
  put(versions, id, labels) {
    const left = holderOf(versions, AWSCURRENT);
    const given = labels.reduce((next, label) => attach(next, label, id), versions);
    if (!labels.includes(AWSCURRENT) || left === undefined || left === id) return given;
    // A stored value ends what the old current had pending: recorded, and nowhere documented.
    return detach(attach(given, AWSPREVIOUS, left), AWSPENDING, left);
  },

  move(versions, label, to) {
    const left = holderOf(versions, label);
    if (to === undefined) return left === undefined ? versions : detach(versions, label, left);
    const moved = attach(versions, label, to);
    if (label !== AWSCURRENT || left === undefined || left === to) return moved;
    return attach(moved, AWSPREVIOUS, left);
  },
};

/** The version that carries `label`. */
export function holderOf(versions: Versions, label: string): string | undefined {
  for (const version of versions.values()) if (version.labels.includes(label)) return version.id;
  return undefined;
}

/** Puts `label` on version `id` and takes it off every other. */
export function attach(versions: Versions, label: string, id: string): Versions {
  return changed(versions, (version) => {
    const others = version.labels.filter((each) => each !== label);
    return version.id === id ? [...others, label].sort() : others;
  });
}

/** Takes `label` off version `id`, if it is there. */
export function detach(versions: Versions, label: string, id: string): Versions {
  return changed(versions, (version) =>
    version.id === id ? version.labels.filter((each) => each !== label) : version.labels,
  );
}

/** Which version carries each label. */
export function labelsOf(versions: Versions): Record<string, string> {
  const versionsByLabel = [...versions.values()].flatMap(({ id, labels }) => labels.map((label) => [label, id]));
  // Not by assignment: a label may be called __proto__.
  return Object.fromEntries(versionsByLabel);
}

function changed(versions: Versions, labels: (version: Version) => readonly string[]): Versions {
  return new Map([...versions].map(([id, version]) => [id, { ...version, labels: labels(version) }]));
}
