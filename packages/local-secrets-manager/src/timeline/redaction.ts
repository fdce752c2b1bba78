import type { Secret, Version } from '../state/secret.ts';

// What a database secret holds besides the credential, by the keys that the service's own guide uses.
const PLAIN_KEYS = new Set([
  'engine',
  'host',
  'port',
  'username',
  'dbname',
  'masterarn',
  'dbInstanceIdentifier',
  'dbClusterIdentifier',
  'ssl',
]);
// Shorter values stand in ordinary words.
const MIN_LENGTH = 4;

const known = new WeakMap<Version, readonly string[]>();

/** The text with every value of these secrets blacked out: plain, JSON- and URL-escaped, base64 and hex. */
export function redacted(text: string, secrets: Iterable<Secret>): string {
  let clean = text;
  for (const secret of secrets) {
    for (const version of secret.versions.values()) {
      for (const form of formsOf(version)) clean = clean.replaceAll(form, '[redacted]');
    }
  }
  return clean;
}

// Versions never change, and errors may be many: computed once.
function formsOf(version: Version): readonly string[] {
  const present = known.get(version);
  if (present !== undefined) return present;
  const forms = [...new Set(valuesOf(version).flatMap(encodings))].sort((a, b) => b.length - a.length);
  known.set(version, forms);
  return forms;
}

function valuesOf({ value }: Version): string[] {
  if (value === undefined) return [];
  const text = 'string' in value ? value.string : Buffer.from(value.base64, 'base64').toString();
  return [text, ...leaves(parsed(text))].filter((each) => each.length >= MIN_LENGTH);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Plain text: the whole of it is the value.
  }
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (PLAIN_KEYS.has(key) ? [] : leaves(each)));
}

function encodings(value: string): string[] {
  const bytes = Buffer.from(value);
  const escaped = JSON.stringify(value).slice(1, -1);
  return [
    value,
    escaped,
    encodeURIComponent(value.toWellFormed()),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}
