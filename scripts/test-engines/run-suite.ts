import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { urlVariable } from '@keyturn/engine-conformance';
import type { EngineFolder } from './engine-folders.ts';

const root = join(import.meta.dirname, '..', '..');

/** How one engine's suite ended. */
export interface SuiteRun {
  readonly engine: string;
  /** Where it ran: an image, `a server of yours`, `servers of the tests`, `none`. */
  readonly server: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it was not run. */
  readonly reason?: string;
}

/**
 * Runs an engine's conformance tests; what they print goes to stderr.
 * @param given a server that they are to run on, in place of what the environment says
 */
export async function runSuite(
  { name, path }: EngineFolder,
  given: { readonly url: string; readonly server: string } | undefined,
): Promise<SuiteRun> {
  const variable = urlVariable(name);
  const env = given === undefined ? process.env : { ...process.env, [variable]: given.url };
  const server = given?.server ?? (process.env[variable] ? 'a server of yours' : 'servers of the tests');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', `${path}/conformance`], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { engine: name, server, outcome: code === 0 ? 'passed' : 'failed' };
}
