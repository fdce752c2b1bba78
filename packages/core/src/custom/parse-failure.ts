import { quoted } from '../errors.ts';
import { masked } from './wide-redactor.ts';

/** The most faults that one message names. */
const mostFaults = 20;

/**
 * What is wrong with a secret, from what a schema or a hand-written check threw: every key that it names. The
 * issues' own messages are left out, for schemas quote the value that they refuse.
 */
export function faultsIn(thrown: unknown, value: unknown): readonly string[] {
  const issues = issuesOf(thrown);
  if (issues.length > 0)
    return [...new Set(issues.flatMap((issue) => faultsOfIssue(issue, value)))].slice(0, mostFaults);
  const text = thrown instanceof Error ? thrown.message : 'parseSecret threw something that is no error';
  return [masked(text, everyString(value)).slice(0, 500)];
}

interface Issue {
  /** Keys, as zod has them, or objects with a key, as valibot and Standard Schema do. */
  readonly path?: readonly unknown[];
  /** Keys that a strict schema of zod does not know. */
  readonly keys?: readonly unknown[];
}

function issuesOf(thrown: unknown): readonly Issue[] {
  const { issues } = (thrown ?? {}) as { issues?: unknown };
  return Array.isArray(issues) ? issues.filter((issue) => typeof issue === 'object' && issue !== null) : [];
}

function faultsOfIssue({ path, keys }: Issue, value: unknown): string[] {
  const steps = (Array.isArray(path) ? path : []).map((step) =>
    String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step),
  );
  const name = steps.map(printable).join('.');
  if (Array.isArray(keys))
    return keys.map((key) => `${[name, printable(String(key))].filter(Boolean).join('.')} is unknown`);
  if (name === '') return ['the secret as a whole is wrong'];
  return [`${name} is ${at(steps, value) === undefined ? 'missing' : 'wrong'}`];
}

function at(steps: readonly string[], value: unknown): unknown {
  let found = value;
  for (const step of steps) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

function printable(name: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : quoted(name);
}

function everyString(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(everyString);
}
