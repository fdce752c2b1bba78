import * as v from 'valibot';
import { invalidParameter, serialization, validation } from './service-error.ts';

/**
 * Checks an input against the constraints of the service's API model.
 * A value of the wrong JSON type is a SerializationException, a broken constraint a ValidationException;
 * neither repeats the value, for it may be a secret.
 */
export function checkInput<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, withoutNulls(input));
  if (result.success) return result.output;
  const wrongType = result.issues.find(isWrongType);
  if (wrongType !== undefined)
    throw serialization(`${jsonType(wrongType.input)} can not be converted to ${wrongType.expected ?? 'integer'}`);
  const constraints = result.issues.map(
    (issue) =>
      `Value ${isMissing(issue) ? 'null ' : ''}at '${place(issue)}' failed to satisfy constraint: ${constraint(issue)}`,
  );
  const count = constraints.length;
  throw validation(`${count} validation error${count === 1 ? '' : 's'} detected: ${constraints.join('; ')}`);
}

/** @throws ServiceError InvalidParameterException unless the token has 32 to 64 characters (fact 8) */
export function checkToken(token: string): void {
  if (token.length < 32 || token.length > 64)
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
}

type Issue = v.BaseIssue<unknown>;

// What valibot calls `received` is the value itself.
function jsonType(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function isMissing(issue: Issue): boolean {
  return issue.kind === 'schema' && issue.received === 'undefined';
}

function isWrongType(issue: Issue): boolean {
  if (issue.type === 'integer') return true;
  if (issue.kind !== 'schema' || isMissing(issue)) return false;
  return issue.type !== 'picklist' || typeof issue.input !== 'string';
}

function constraint(issue: Issue): string {
  const requirement = (issue as { requirement?: unknown }).requirement;
  if (isMissing(issue)) return 'Member must not be null';
  switch (issue.type) {
    case 'min_length':
      return `Member must have length greater than or equal to ${requirement}`;
    case 'max_length':
    case 'max_bytes':
      return `Member must have length less than or equal to ${requirement}`;
    case 'min_value':
      return `Member must have value greater than or equal to ${requirement}`;
    case 'max_value':
      return `Member must have value less than or equal to ${requirement}`;
    case 'regex':
      return `Member must satisfy regular expression pattern: ${(requirement as RegExp).source}`;
    case 'picklist':
      return `Member must satisfy enum value set: [${issue.expected?.replace(/[()"]/g, '').replaceAll(' | ', ', ')}]`;
    case 'check':
      return issue.message;
    default:
      return 'Member must be valid';
  }
}

function place(issue: Issue): string {
  const keys = (issue.path ?? []).map((item) => String(item.key));
  return keys.map((key) => (/^\d+$/.test(key) ? `${Number(key) + 1}.member` : lowerFirst(key))).join('.');
}

// The service names members the way its own code spells them: secretId, rotationRules.duration.
function lowerFirst(key: string): string {
  return key.charAt(0).toLowerCase() + key.slice(1);
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === null ? [] : [[key, withoutNulls(each)]])),
  );
}
