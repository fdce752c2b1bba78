import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TaintFinding, TaintSearch } from './taint-search.ts';

/** What the search of a test run's output came to. */
export interface TaintVerdict {
  readonly secrets: number;
  readonly outputBytes: number;
  readonly findings: readonly (TaintFinding & { readonly file: string; readonly line: number })[];
}

/** Searches everything that the processes of a test run noted for every secret that they noted. */
export async function searchTaintFolder(folder: string): Promise<TaintVerdict> {
  const search = new TaintSearch();
  const secrets = new Set<string>();
  const files = await readdir(folder);
  for (const file of files.filter((name) => name.endsWith('.secrets'))) {
    for (const line of (await readFile(join(folder, file), 'utf8')).split('\n')) {
      if (line !== '') secrets.add(JSON.parse(line));
    }
  }
  for (const secret of secrets) search.add(secret);
  const findings: (TaintFinding & { file: string; line: number })[] = [];
  let outputBytes = 0;
  for (const file of files.filter((name) => name.endsWith('.output'))) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(join(folder, file)) })) {
      line += 1;
      outputBytes += Buffer.byteLength(text) + 1;
      const finding = search.find(text);
      if (finding !== undefined) findings.push({ ...finding, file, line });
    }
  }
  return { secrets: secrets.size, outputBytes, findings };
}
