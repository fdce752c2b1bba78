import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { recordOutput } from '@keyturn/engine-conformance';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('npm start shows four rotations, and every promise at its end is held', { timeout: 120_000 }, async () => {
  const start = ['-C', 'keyturn-source', join(root, 'demo/start.ts')];
  const { stdout } = await promisify(execFile)(process.execPath, start, { cwd: root });
  recordOutput(stdout);
  expect(stdout.match(/RotationSucceeded/g)).toHaveLength(4);
  expect(stdout.match(/^ {2}✔ /gm)).toHaveLength(5);
  expect(stdout).not.toContain('NOT HELD');
});
