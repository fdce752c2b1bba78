import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { madeOnce, withinReach } from './made-once.ts';

const isRoot = process.getuid?.() === 0;
let name = '';
let folders: string[] = [];
beforeEach(() => {
  name = `test-${randomUUID()}`;
  folders = [];
});
afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const made = async (make: (folder: string) => void | Promise<void>): Promise<string> => {
  const folder = await madeOnce(name, make);
  folders.push(folder);
  return folder;
};
/** What there is of this test under the temporary folder, drafts too. */
const leftBy = (folder: string) => readdirSync(dirname(folder)).filter((each) => each.startsWith(basename(folder)));

test('is made once, and found again', async () => {
  const folder = await made((draft) => writeFileSync(join(draft, 'a'), 'first'));
  expect(await made(() => expect.unreachable())).toBe(folder);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('first');
});

test('of two that are made at once, one stays', async () => {
  let both = () => {};
  const met = new Promise<void>((resolve) => {
    let here = 0;
    both = () => {
      here += 1;
      if (here === 2) resolve();
    };
  });
  const make = async (draft: string) => {
    both();
    await met;
    writeFileSync(join(draft, 'a'), 'made');
  };
  const [one, other] = await Promise.all([made(make), made(make)]);
  expect(one).toBe(other);
  expect(leftBy(one ?? '')).toEqual([`keyturn-${name}`]);
});

test('what could not be made leaves nothing, and is tried again', async () => {
  await expect(made(() => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  const folder = await made((draft) => writeFileSync(join(draft, 'a'), 'second'));
  expect(leftBy(folder)).toEqual([`keyturn-${name}`]);
  expect(readdirSync(folder)).toEqual(['a']);
});

test.runIf(isRoot)('a folder of somebody else is not used', async () => {
  const folder = await made((draft) => writeFileSync(join(draft, 'a'), 'first'));
  chownSync(folder, 65534, 65534);
  await expect(made(() => {})).rejects.toThrow(`${folder} belongs to somebody else: remove it`);
});

test('a folder that servers can reach is not copied; one that they cannot is', async () => {
  const above = mkdtempSync(join(tmpdir(), 'keyturn-test-'));
  folders.push(above);
  const program = join(above, 'server');
  mkdirSync(program);
  writeFileSync(join(program, 'a'), 'bytes');
  chmodSync(above, 0o755);
  expect(await withinReach(program, name)).toBe(program);
  chmodSync(above, 0o700);
  const reached = await withinReach(program, name);
  folders.push(reached);
  // Who is not root runs servers itself.
  expect(reached === program).toBe(!isRoot);
  expect(readFileSync(join(reached, 'a'), 'utf8')).toBe('bytes');
  expect(existsSync(program)).toBe(true);
});
