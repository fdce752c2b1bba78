import { inspect } from 'node:util';
import { type ErrorCode, endpointOf, type Login, RotationError } from '@keyturn/core';
import { recordError } from '../taint/taint-record.ts';
import { TaintSearch } from '../taint/taint-search.ts';

/** How something ended that was to fail, or to succeed. */
export interface Outcome {
  /** What it threw; undefined where it succeeded. */
  readonly error?: unknown;
  readonly failed: boolean;
  /** It has not ended at all: nobody waits for it any longer. */
  readonly hung: boolean;
  readonly elapsedMs: number;
}

/** Does it, and waits no longer than `patienceMs`. */
export async function attempt(work: () => Promise<unknown>, patienceMs = 20_000): Promise<Outcome> {
  const start = performance.now();
  const elapsed = () => Math.round(performance.now() - start);
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ failed: true, hung: true, elapsedMs: elapsed() }), patienceMs);
  });
  const working = work().then(
    () => ({ failed: false, hung: false, elapsedMs: elapsed() }),
    (error: unknown) => {
      recordError(error);
      return { failed: true, hung: false, error, elapsedMs: elapsed() };
    },
  );
  return Promise.race([working, impatience]).finally(() => clearTimeout(timer));
}

/** What an error must say. */
export interface ExpectedFailure {
  /** @default - any but those that no server can cause */
  readonly codes?: readonly ErrorCode[];
  /** Whose endpoint and user it must name. */
  readonly login?: Pick<Login, 'host' | 'port' | 'username'>;
  /** What must not stand in it. */
  readonly secrets: readonly string[];
}

/** What is wrong with how something failed; empty where it failed as it should. */
export function faultsOf(what: string, outcome: Outcome, expected: ExpectedFailure): string[] {
  const told = (fault: string) => `${what}: ${fault}`;
  if (outcome.hung) return [told(`nothing had happened after ${outcome.elapsedMs} ms`)];
  if (!outcome.failed) return [told('it succeeded')];
  const { error } = outcome;
  if (!(error instanceof RotationError)) {
    const name = error instanceof Error ? error.name : typeof error;
    return [told(`${name} left the engine in place of a RotationError`)];
  }
  const { codes, login, secrets } = expected;
  return [
    codes !== undefined && !codes.includes(error.code)
      ? `the code is ${error.code}, not ${codes.join(' or ')} (${error.message})`
      : undefined,
    error.code === 'unexpected' ? `the code is unexpected (${error.message})` : undefined,
    error.remedy.trim() === '' ? 'the error names no remedy' : undefined,
    login !== undefined && error.endpoint !== endpointOf(login)
      ? `the error names the endpoint ${error.endpoint}, not ${endpointOf(login)}`
      : undefined,
    login !== undefined && error.user !== login.username
      ? `the error names the user ${error.user}, not ${login.username}`
      : undefined,
    ...secretsIn(everythingIn(error), secrets).map((form) => `the error holds a secret (${form})`),
  ]
    .filter((fault) => fault !== undefined)
    .map(told);
}

/** In which spellings a text holds any of these secrets. */
export function secretsIn(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) => {
    const search = new TaintSearch();
    search.add(secret);
    const found = search.find(text);
    return found === undefined ? [] : [found.form];
  });
}

/** Everything that somebody could print of an error. */
function everythingIn(error: Error): string {
  const properties = Object.getOwnPropertyNames(error).map((name) =>
    String((error as unknown as Record<string, unknown>)[name]),
  );
  return [
    inspect(error, { depth: null, showHidden: true, getters: true }),
    JSON.stringify(error),
    String(error),
    ...properties,
  ].join('\n');
}
