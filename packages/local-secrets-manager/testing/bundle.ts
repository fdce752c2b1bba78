import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { type BundleProcess, type BundleProcessOptions, bundleProcess, type LogLine } from '../src/index.ts';

/** The SDK, as a bundle in any folder can import it. */
export const sdk: string = pathToFileURL(
  createRequire(import.meta.url).resolve('@aws-sdk/client-secrets-manager'),
).href;

/** A bundle in a folder of its own, which goes at the end of the test. */
export function bundleFile(source: string, name = 'index.mjs'): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

/** A function in a process of its own, with the lines that it wrote. Its process ends with the test. */
export interface StartedBundle {
  readonly target: BundleProcess;
  readonly lines: LogLine[];
  /** Resolves with the first line that contains the text. */
  line(text: string): Promise<string>;
}

export function bundle(source: string, options: Partial<BundleProcessOptions> = {}): StartedBundle {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const onLog = (line: LogLine): void => {
    lines.push(line);
    for (const check of waiting) check();
  };
  const target = bundleProcess({ file: bundleFile(source), ...options, onLog });
  onTestFinished(() => target.close());
  const line = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = lines.find((each) => each.text.includes(text));
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found.text);
      };
      waiting.add(check);
      check();
    });
  return { target, lines, line };
}
