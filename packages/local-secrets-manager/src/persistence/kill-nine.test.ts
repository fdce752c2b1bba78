import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dataFolder, opened } from '../../testing/data-folder.ts';
import { type RawCall, rawCaller } from '../../testing/service.ts';

const writer = fileURLToPath(new URL('../../testing/writer.ts', import.meta.url));
const SEED = 20_261_015;
const KILLS = 50;

/** What a call that was answered has promised. */
interface Promised {
  readonly name: string;
  readonly id?: string;
  readonly value?: string;
  readonly label?: string;
  readonly tag?: string;
  readonly deleted?: boolean;
}

type Acknowledge = 'after-writing' | 'before-writing';

/** Lets a process write, kills it when it has told of so many answers, and tells of all that it has told of. */
function killedAfter(answers: number, folder: string, run: number, acknowledge: Acknowledge): Promise<Promised[]> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['-C', 'keyturn-source', writer, folder, String(run), acknowledge],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let told = '';
  let lines = 0;
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    lines += chunk.toString().split('\n').length - 1;
    if (lines >= answers) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`The writer has ended by itself: ${errors}`));
      const whole = told.slice(0, told.lastIndexOf('\n') + 1).split('\n');
      resolve(whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Promised));
    });
  });
}

async function lost(call: RawCall, promised: readonly Promised[]): Promise<Promised[]> {
  const deleted = new Set(promised.filter((each) => each.deleted).map(({ name }) => name));
  // A deletion may have taken effect without having been answered: then its secret says nothing.
  const missing: Promised[] = [];
  for (const each of promised) {
    const kept = each.deleted ? await isGone(call, each.name) : deleted.has(each.name) || (await isKept(call, each));
    if (!kept) missing.push(each);
  }
  return missing;
}

async function isGone(call: RawCall, SecretId: string): Promise<boolean> {
  return (await call('DescribeSecret', { SecretId })).body.__type === 'ResourceNotFoundException';
}

async function isKept(call: RawCall, { name: SecretId, id, value, label, tag }: Promised): Promise<boolean> {
  const { body } = await call('DescribeSecret', { SecretId });
  const mayBeDeleted = Number(SecretId.split('/').at(-1)) % 4 === 3;
  if (body.__type === 'ResourceNotFoundException') return mayBeDeleted && tag === undefined;
  if (tag !== undefined) return JSON.stringify(body.Tags) === JSON.stringify([{ Key: 'round', Value: tag }]);
  const read = await call('GetSecretValue', { SecretId, VersionId: id, VersionStage: label });
  return label === undefined ? read.body.SecretString === value : read.body.VersionId === id;
}

async function kills(count: number, acknowledge: Acknowledge): Promise<{ promised: number; lost: Promised[] }> {
  const folder = dataFolder();
  const moments = fc.sample(fc.integer({ min: 1, max: 300 }), { numRuns: count, seed: SEED });
  const all: Promised[] = [];
  const missing: Promised[] = [];
  for (const [run, answers] of moments.entries()) {
    const promised = await killedAfter(answers, folder, run, acknowledge);
    const local = await opened(folder);
    missing.push(...(await lost(rawCaller(local), promised)));
    // What a later crash must not undo.
    all.push(...promised);
    if (run === moments.length - 1) missing.push(...(await lost(rawCaller(local), all)));
    await local.close();
  }
  return { promised: all.length, lost: missing };
}

it(`kill -9 at ${KILLS} random moments under load loses no answered write`, { timeout: 180_000 }, async () => {
  const { promised, lost: missing } = await kills(KILLS, 'after-writing');
  expect(missing).toEqual([]);
  expect(promised).toBeGreaterThan(KILLS * 20);
});

it('control: where calls are answered before their change is written, some are lost', { timeout: 60_000 }, async () => {
  const { lost: missing } = await kills(5, 'before-writing');
  expect(missing.length).toBeGreaterThan(0);
});
