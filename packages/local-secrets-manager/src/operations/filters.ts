import * as v from 'valibot';
import type { Secret } from '../state/secret.ts';
import { invalidParameter } from '../wire/service-error.ts';

const keys = ['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'] as const;
type Key = (typeof keys)[number];

interface Filter {
  readonly Key?: Key | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** The filters of ListSecrets and BatchGetSecretValue, with the constraints of the API model. */
export const filters: v.GenericSchema<Filter[]> = v.pipe(
  v.array(
    v.object({
      Key: v.optional(v.picklist(keys)),
      Values: v.optional(
        v.pipe(
          v.array(v.pipe(v.string(), v.maxLength(512), v.regex(/^!?[a-zA-Z0-9 :_@/+=.\-!]*$/))),
          v.minLength(1),
          v.maxLength(10),
        ),
      ),
    }),
  ),
  v.maxLength(10),
);

/**
 * Whether a secret passes every filter: one value of each must match, one with `!` must not.
 * @throws ServiceError InvalidParameterException for a filter without key or values
 */
export function matchesAll(given: readonly Filter[] = []): (secret: Secret) => boolean {
  const tests = given.flatMap(({ Key: key, Values: values }) => {
    if (key === undefined) throw invalidParameter('Invalid filter key');
    if (values === undefined) throw invalidParameter(`Invalid filter values for key: ${key}`);
    return [(secret: Secret) => values.some((value) => matches(secret, key, value))];
  });
  return (secret) => tests.every((test) => test(secret));
}

function matches(secret: Secret, key: Key, value: string): boolean {
  if (value.startsWith('!')) return !matches(secret, key, value.slice(1));
  if (key === 'all') return hasWords(secret, value);
  const folded = key === 'description' ? value.toLowerCase() : value;
  return attributes(secret, key).some((each) => (key === 'description' ? each.toLowerCase() : each).startsWith(folded));
}

function attributes(secret: Secret, key: Exclude<Key, 'all'>): string[] {
  switch (key) {
    case 'description':
      return secret.description === undefined ? [] : [secret.description];
    case 'name':
      return [secret.name];
    case 'tag-key':
      return (secret.tags ?? []).map((tag) => tag.Key ?? '');
    case 'tag-value':
      return (secret.tags ?? []).map((tag) => tag.Value ?? '');
    case 'primary-region':
      return [secret.arn.split(':')[3] ?? ''];
    case 'owning-service':
      return secret.owningService === undefined ? [] : [secret.owningService];
  }
}

// Each word of the filter begins some word of some attribute.
function hasWords(secret: Secret, value: string): boolean {
  const all = (['name', 'description', 'tag-key', 'tag-value', 'primary-region'] as const).flatMap((key) =>
    attributes(secret, key).flatMap(words),
  );
  return words(value).every((word) => all.some((each) => each.startsWith(word)));
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
