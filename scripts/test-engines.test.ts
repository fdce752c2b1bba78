import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function testEngines(...args: readonly string[]): Promise<Ended> {
  // Where there is a Docker engine, this one is not it.
  const env = { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1', TESTCONTAINERS_HOST_OVERRIDE: '' };
  return new Promise((resolve) => {
    const script = ['-C', 'keyturn-source', 'scripts/test-engines.ts', ...args];
    execFile(process.execPath, script, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test('without a Docker engine, --docker says so, says what to do, and ends with 2', async () => {
  const { code, stderr } = await testEngines('--docker');
  expect(code).toBe(2);
  expect(stderr).toContain('No Docker engine answers here');
  expect(stderr).toContain('KEYTURN_TEST_<ENGINE>_URL');
});

test('an engine that there is not is named, with those that there are', async () => {
  const { code, stderr } = await testEngines('--engine', 'nobody');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^No such engine: nobody\. There are: .*postgres/);
});

test('a wrong option ends with 2 and shows the usage; --help shows it and ends with 0', async () => {
  const wrong = await testEngines('--image', 'x');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("Unknown option '--image'") });
  const help = await testEngines('--help');
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--docker') });
});
