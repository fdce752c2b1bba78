import type { RotationRules } from '@keyturn/rotation-schedule';
/** What a version holds. Exactly one of the two, as the service stores it. */
export type SecretValue = { readonly string: string } | { readonly base64: string };

/** One version. A version without a value is the placeholder that RotateSecret makes (fact 13). */
export interface Version {
  /** The ClientRequestToken that made it. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Staging labels, sorted. */
  readonly labels: readonly string[];
  readonly value?: SecretValue;
  /** Start of the UTC day of the last read, in milliseconds. */
  readonly accessedDay?: number;
}

/** The versions of one secret by id, oldest first. */
export type Versions = ReadonlyMap<string, Version>;

/** What is known of a secret's rotation, since RotateSecret was first called. */
export interface Rotation {
  readonly enabled: boolean;
  readonly functionArn: string;
  readonly rules?: RotationRules;
  /** Milliseconds since 1970. */
  readonly lastRotatedAt?: number;
  /** What the next date counts from: the last rotation, or a value stored by hand (fact 27). */
  readonly countedFrom: number;
  /** When the rules were given, in milliseconds since 1970. */
  readonly rulesSetAt?: number;
  /** When the schedule last started a rotation: a failed one is not started again in the same window. */
  readonly triedAt?: number;
  /** The version of a rotation that has neither completed nor been cancelled nor abandoned. */
  readonly incomplete?: string;
  /** Which attempt of that rotation is on its way or waits for its retry; absent where all have failed. */
  readonly attempt?: number;
  /** The version of a lone testSecret on its way. */
  readonly testing?: string;
}

export interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** One secret. Never changed in place: a write replaces it, so an older state stays readable. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** The token of the CreateSecret call, so that a repeat of it is known. */
  readonly createdWith: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
  /** Start of the UTC day of the last read, in milliseconds. */
  readonly accessedDay?: number;
  /** When a deleted secret goes for good, in milliseconds since 1970. */
  readonly deletionAt?: number;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly type?: string;
  /** The service of AWS that made the secret and manages it. */
  readonly owningService?: string;
  readonly tags?: readonly Tag[];
  /** The resource policy's JSON text, as it was given. */
  readonly policy?: string;
  readonly rotation?: Rotation;
  readonly versions: Versions;
}

/** Whether both hold the same data (fact 8). */
export function sameValue(a: SecretValue, b: SecretValue): boolean {
  return 'string' in a ? 'string' in b && a.string === b.string : 'base64' in b && a.base64 === b.base64;
}
