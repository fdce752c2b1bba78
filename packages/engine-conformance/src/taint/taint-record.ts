import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

/**
 * The folder in which the processes of a test run note secrets and output, to be searched when all is
 * over. Without it, nothing is noted.
 */
export const taintFolderVariable = 'KEYTURN_TAINT_FOLDER';

const id = randomUUID();

let isRecorded = false;

/** Notes a password that no output of this test run may hold. */
export function recordSecret(secret: string): void {
  note('secrets', `${JSON.stringify(secret)}\n`);
}

/** Notes output: what a log, a server's log, a process's arguments or an error says. */
export function recordOutput(text: string): void {
  note('output', `${text}\n`);
}

/** Notes an error in every way in which somebody could print it, with its causes. */
export function recordError(error: unknown): void {
  recordOutput(inspect(error, { depth: null, showHidden: true, getters: true }));
  recordOutput(JSON.stringify(error) ?? '');
  if (error instanceof Error) recordOutput(`${error.message}\n${error.stack}`);
  if (error instanceof Error && error.cause !== undefined) recordError(error.cause);
}

/**
 * From now on, everything that this process prints is noted too. The JSON lines of rotation functions are
 * noted and not shown: a test run makes hundreds of thousands.
 */
export function recordThisProcess(): void {
  if (isRecorded) return;
  isRecorded = true;
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      recordOutput(text);
      return isFunctionLine(text) || write(chunk, ...rest);
    }) as typeof stream.write;
  }
}

function isFunctionLine(text: string): boolean {
  return text.startsWith('{"timestamp":') || text.startsWith('{"_aws":');
}

function note(kind: 'secrets' | 'output', text: string): void {
  const folder = process.env[taintFolderVariable];
  if (folder !== undefined) appendFileSync(join(folder, `${id}.${kind}`), text);
}
