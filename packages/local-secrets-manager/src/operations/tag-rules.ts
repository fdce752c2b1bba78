import type { Tag } from '../state/secret.ts';
import { invalidParameter } from '../wire/service-error.ts';

const MAX_TAGS = 50;
// What the tagging rules of all services allow.
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * The tags with more: a key that is there gets the new value.
 * @throws ServiceError InvalidParameterException for keys or values that no tag may have, and above 50 tags
 */
export function withTags(present: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const given = new Set<string>();
  for (const { Key: key, Value: value = '' } of added) {
    if (key === undefined) throw invalidParameter('A tag must have a Key.');
    if (given.has(key))
      throw invalidParameter('Duplicate tag keys found. Please note that Tag keys are case sensitive.');
    given.add(key);
    // Keys in upper case are reserved as well.
    if (isSystemTag(key)) throw reservedTag();
    if (!CHARACTERS.test(key) || !CHARACTERS.test(value)) {
      throw invalidParameter('Tags may hold letters, spaces, numbers and these characters: _ . : / = + - @');
    }
  }
  const next = new Map([...present, ...added].map(({ Key = '', Value = '' }) => [Key, { Key, Value }]));
  // Tags that a service has set do not count.
  const own = [...next.keys()].filter((key) => !isSystemTag(key));
  if (own.length > MAX_TAGS) throw invalidParameter(`A secret can have at most ${MAX_TAGS} tags.`);
  return [...next.values()];
}

/** Whether only services of AWS may set and remove the tag. */
export function isSystemTag(key: string): boolean {
  return /^aws:/i.test(key);
}

/** The error for a call that would set or remove such a tag. */
export function reservedTag(): Error {
  return invalidParameter('Tag keys that begin with aws: are reserved for AWS use.');
}
