import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataFolder, filled, opened } from '../../testing/data-folder.ts';
import { rawCaller } from '../../testing/service.ts';

describe('at rest', () => {
  it('no value, name, tag or policy is readable in the folder', async () => {
    const folder = dataFolder();
    const local = await opened(folder);
    await filled(rawCaller(local));
    await local.close();
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    for (const text of ['first', 'second', 'a database', 'team', '2012-10-17', 'removed']) {
      expect(
        bytes.some((each) => each.includes(text)),
        text,
      ).toBe(false);
    }
    expect(
      bytes.some((each) => each.includes('KEYTURN1')),
      'control: what is readable is found',
    ).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('only the owner may enter the folder and read the key', async () => {
    const folder = dataFolder();
    mkdirSync(folder, { mode: 0o755 });
    const local = await opened(folder);
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(folder)).toBe(0o700);
    for (const name of readdirSync(folder)) expect([name, mode(join(folder, name))]).toEqual([name, 0o600]);
    await local.close();
    chmodSync(join(folder, 'secrets.key'), 0o644);
    await expect(opened(folder)).rejects.toMatchObject({ name: 'DataFolderError', code: 'open-key' });
  });

  it('one process uses a folder, and a lock of a dead one is taken over', async () => {
    const folder = dataFolder();
    const local = await opened(folder);
    await expect(opened(folder)).rejects.toMatchObject({ code: 'in-use' });
    expect((await rawCaller(local)('ListSecrets', {})).status).toBe(200);
    await local.close();
    // No process has this number, or not since the time that the lock tells.
    for (const lock of ['{"pid":4194304999}', `{"pid":${process.pid},"started":"1"}`, '']) {
      writeFileSync(join(folder, 'lock'), lock);
      await (await opened(folder)).close();
    }
    expect(readdirSync(folder).sort()).toEqual(['00000001.log', 'secrets.key']);
  });
});

describe('a folder that cannot be used is left as it is', () => {
  async function prepared(): Promise<{ folder: string; log: string }> {
    const folder = dataFolder();
    const local = await opened(folder);
    await filled(rawCaller(local));
    await local.close();
    return { folder, log: join(folder, '00000001.log') };
  }

  it.each<[string, string, (parts: { folder: string; log: string }) => void]>([
    ['another key', 'wrong-key', ({ folder }) => writeKey(folder, randomBytes(32).toString('base64'))],
    ['a key that is none', 'wrong-key', ({ folder }) => writeKey(folder, 'password')],
    ['no key', 'no-key', ({ folder }) => rmSync(join(folder, 'secrets.key'))],
    ['a log that is none', 'foreign', ({ log }) => writeFileSync(log, 'a diary')],
    ['an empty log', 'foreign', ({ log }) => writeFileSync(log, '')],
    ['a log that was changed in the middle', 'damaged', ({ log }) => flip(log, 600)],
    ['a log whose frame was moved', 'damaged', ({ log }) => swapFrames(log)],
  ])('%s: %s', async (_what, code, spoil) => {
    const parts = await prepared();
    spoil(parts);
    const before = readFileSync(parts.log);
    const failure = await opened(parts.folder).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'DataFolderError', code });
    expect(String(failure)).toContain(parts.folder);
    expect(readFileSync(parts.log).equals(before)).toBe(true);
    expect(readdirSync(parts.folder)).not.toContain('lock');
  });

  it('secrets of another Region: other-account', async () => {
    const { folder } = await prepared();
    await expect(opened(folder, { region: 'eu-west-1' })).rejects.toMatchObject({ code: 'other-account' });
  });

  it('other files: foreign', async () => {
    const folder = dataFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'chapter one');
    await expect(opened(folder)).rejects.toMatchObject({ code: 'foreign' });
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });
});

function writeKey(folder: string, text: string): void {
  writeFileSync(join(folder, 'secrets.key'), text);
}

function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

// The first two frames after the header change places.
function swapFrames(file: string): void {
  const bytes = readFileSync(file);
  const start = 16 + bytes.readUInt32BE(8);
  const second = start + 12 + bytes.readUInt32BE(start);
  const end = second + 12 + bytes.readUInt32BE(second);
  const parts = [bytes.subarray(0, start), bytes.subarray(second, end), bytes.subarray(start, second)];
  writeFileSync(file, Buffer.concat([...parts, bytes.subarray(end)]));
}
