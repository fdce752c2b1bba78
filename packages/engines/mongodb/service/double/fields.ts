import { Binary, Double, Int32, Long } from 'bson';
import { Refusal } from './refusal.ts';

/** What a field of a command may be. */
type FieldType = 'string' | 'array' | 'object' | 'bool' | 'number' | 'binary' | 'any';

/** A command's fields besides its name: a `?` marks those that may be absent. */
export type Fields = Readonly<Record<string, FieldType | `${FieldType}?`>>;

/** What every command takes. */
const generic: Fields = {
  lsid: 'object?',
  $clusterTime: 'object?',
  $readPreference: 'object?',
  apiVersion: 'string?',
  apiStrict: 'bool?',
  apiDeprecationErrors: 'bool?',
  maxTimeMS: 'number?',
  comment: 'any?',
};

/**
 * Checks a command as the server's own parser does: every field known, of its type, and those there that must be.
 * @throws Refusal IDLUnknownField, TypeMismatch, IDLFailedToParse
 */
export function checkFields(name: string, document: Readonly<Record<string, unknown>>, own: Fields): void {
  const all = { ...generic, ...own };
  for (const [field, value] of Object.entries(document)) {
    const type = all[field];
    if (type === undefined) {
      throw new Refusal(40415, 'Location40415', `BSON field '${name}.${field}' is an unknown field.`);
    }
    if (!isOf(type.replace('?', '') as FieldType, value)) {
      throw new Refusal(14, 'TypeMismatch', `BSON field '${name}.${field}' is the wrong type`);
    }
  }
  for (const [field, type] of Object.entries(all)) {
    if (type.endsWith('?') || field in document) continue;
    throw new Refusal(40414, 'Location40414', `BSON field '${name}.${field}' is missing but a required field`);
  }
}

function isOf(type: FieldType, value: unknown): boolean {
  if (type === 'any') return true;
  if (type === 'string') return typeof value === 'string';
  if (type === 'bool') return typeof value === 'boolean' || isNumber(value);
  if (type === 'number') return isNumber(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'binary') return value instanceof Binary;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value);
}

function isNumber(value: unknown): boolean {
  return value instanceof Int32 || value instanceof Double || value instanceof Long || typeof value === 'number';
}
