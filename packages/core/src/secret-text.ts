import { type Node, parseTree } from 'jsonc-parser';
import { RotationError } from './errors.ts';

/** The most that one version of a secret holds, in bytes. Source: the quotas of Secrets Manager. */
const mostBytes = 65_536;

/**
 * Reads a secret's text as a JSON object.
 * @param text undefined for a version that holds SecretBinary
 * @throws RotationError `secret-not-json`; nothing of the text stands in the message
 */
export function parseSecretText(text: string | undefined): Record<string, unknown> {
  if (text === undefined) throw notJson('it is binary');
  if (text.trim() === '') throw notJson('it is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw notJson('it is not JSON');
  }
  if (Array.isArray(value)) throw notJson('it is a JSON array');
  if (typeof value !== 'object' || value === null) throw notJson('it is JSON, but no object');
  return value as Record<string, unknown>;
}

/**
 * The same text with new values, of any JSON type, for some top-level keys, which it must have; every other byte stays as it is.
 * @throws RotationError `secret-too-large`
 */
export function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  const properties = parseTree(text)?.children ?? [];
  let edited = text;
  // From the back, so that the offsets of what comes before stay right. A key that stands there twice
  // is replaced twice: which one counts is up to the reader.
  for (const { children } of properties.toReversed()) {
    const [key, value] = children as [Node, Node];
    const next = Object.hasOwn(values, key.value) ? values[key.value] : undefined;
    if (next !== undefined) {
      edited = edited.slice(0, value.offset) + JSON.stringify(next) + edited.slice(value.offset + value.length);
    }
  }
  const bytes = Buffer.byteLength(edited);
  if (bytes > mostBytes) {
    throw new RotationError('secret-too-large', { message: `the new version would take ${bytes} bytes` });
  }
  return edited;
}

function notJson(why: string): RotationError {
  return new RotationError('secret-not-json', { message: `the secret is not a JSON object: ${why}` });
}
