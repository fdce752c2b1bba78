import type { FailureEntry, FunctionLogEntry, LoginEntry } from '../functions/function-log.ts';
import type { ServiceEntry } from '../timeline/entries.ts';

/** The entries of the timeline that the page knows. Of others it shows the kind. */
export type PageEntry = ServiceEntry | LoginEntry | FailureEntry | FunctionLogEntry;

/** One version as the page shows it: everything but the value. */
export interface VersionView {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly labels: readonly string[];
  /** False for the placeholder that a rotation begins with. */
  readonly hasValue: boolean;
}

/** What the page shows of a secret's rotation, since it was first turned on. */
export interface RotationView {
  readonly enabled: boolean;
  readonly functionArn: string;
  /** The version of a rotation that has not completed. */
  readonly incomplete?: string;
  /** Milliseconds since 1970. */
  readonly lastRotatedAt?: number;
  readonly nextRotationAt?: number;
}

/** One secret as the page shows it. No value of it ever stands here. */
export interface SecretView {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  /** When a deleted secret goes for good, in milliseconds since 1970. */
  readonly deletionAt?: number;
  readonly rotation?: RotationView;
  /** The newest first. */
  readonly versions: readonly VersionView[];
}

/** The first event of the page's stream: where things stand. */
export interface PageState {
  readonly region: string;
  /** The ARNs of the functions that can be invoked. */
  readonly functionArns: readonly string[];
  /** The first ones by name of those that were asked for. */
  readonly secrets: readonly SecretView[];
  /** How many secrets there are in all. */
  readonly total: number;
  /** The last ones of the timeline, the oldest first. */
  readonly entries: readonly PageEntry[];
}

/** Each further event of the page's stream: what has changed since the one before. */
export interface PageChange {
  readonly functionArns: readonly string[];
  readonly secrets: readonly SecretView[];
  /** The ARNs of secrets that are gone. */
  readonly removed: readonly string[];
  readonly total: number;
  readonly entries: readonly PageEntry[];
}
