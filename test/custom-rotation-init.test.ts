import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningService, recordOutput, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { services } from '../packages/engines/postgres/service/index.ts';
import { TemplateBench } from './template-bench.ts';
import { databaseOf } from './template-service.ts';

// A compiler, a bundler and a test run, each as a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
const made: string[] = [];

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. What it says is searched for secrets. */
async function run(cwd: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const given = { ...process.env, NODE_OPTIONS: '', PATH: `${bin}:${process.env.PATH}`, ...env };
  const ran = await promisify(execFile)(file, [...args], { cwd, env: given, timeout: 90_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code ?? 1), output: `${stdout}${stderr}` }),
  );
  recordOutput(ran.output);
  return ran;
}

/** A project as somebody has it after `keyturn init` and an installation: with this workspace's packages. */
async function init(...args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-init-'));
  made.push(folder);
  const keyturn = join(root, 'packages/cli/bin/keyturn.mjs');
  const ran = await run(root, process.execPath, [keyturn, 'init', '--name', 'rotate-it', '--dir', folder, ...args]);
  expect(ran.code, ran.output).toBe(0);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

// The packages' sources in place of what was built of them.
const typecheck = (folder: string): Promise<Ran> =>
  run(folder, join(bin, 'tsc'), ['--noEmit', '--customConditions', 'keyturn-source']);
const runTests = (folder: string, env?: NodeJS.ProcessEnv): Promise<Ran> =>
  run(folder, process.execPath, ['-C', 'keyturn-source', '--test', '--test-reporter=tap'], env);

/** Runs the project's own build script, and loads what it made. */
async function bundle(folder: string): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  await edit(join(folder, 'build.mjs'), "conditions: ['module']", "conditions: ['keyturn-source', 'module']");
  const built = await run(folder, 'sh', ['-c', scripts.build]);
  expect(built.code, built.output).toBe(0);
  const load = "import('./dist/index.mjs').then(({ handler }) => console.log(typeof handler))";
  return (await run(folder, process.execPath, ['-e', load])).output.trim();
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

describe('a project for a service of one’s own', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await init();
  });

  test('type checks', async () => {
    expect(await typecheck(folder)).toEqual({ code: 0, output: '' });
  });

  test('its test passes', async () => {
    const { code, output } = await runTests(folder);
    expect(output).toMatch(/^# pass 3$/m);
    expect(output).toMatch(/^# fail 0$/m);
    expect(code).toBe(0);
  });

  test('the control: its test fails where the handler changes nothing', async () => {
    const broken = await init();
    const handler = await readFile(join(broken, 'handler.ts'), 'utf8');
    const changes = "await call('PUT', current, rotation, { password: pending.password })";
    expect(handler).toContain(changes);
    await writeFile(join(broken, 'handler.ts'), handler.replace(changes, '{ status: 204 }'));
    const { code, output } = await runTests(broken);
    expect(code).toBe(1);
    expect(output).toMatch(/^not ok 1 - a rotation gives the account a new password/m);
  });

  test('is bundled into one file that Lambda can load', async () => {
    expect(await bundle(folder)).toBe('function');
  });

  test('is the generic template', async () => {
    const template = join(root, 'templates/SecretsManagerRotationTemplate/handler.ts');
    const named = (text: string) => text.replaceAll('RotateIt', 'CustomRotation');
    expect(await readFile(template, 'utf8')).toBe(named(await readFile(join(folder, 'handler.ts'), 'utf8')));
  });
});

describe('a project for PostgreSQL', () => {
  let running: RunningService;
  let ca: string;

  beforeAll(async () => {
    const newest = services.at(-1);
    if (newest === undefined) throw new Error('there is no PostgreSQL for this platform');
    await newest.prepare();
    running = await newest.start();
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-init-'));
    made.push(folder);
    ca = join(folder, 'ca.pem');
    await writeFile(ca, running.ca);
  });
  afterAll(async () => {
    recordOutput(running.log());
    await running.stop();
  });

  function url({ username, password }: { username: string; password: string }): string {
    const { host, port, database } = running;
    return `postgres://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  }

  test.each(['single-user', 'alternating-users'])(
    '%s: type checks, and its test rotates on a real server',
    async (strategy) => {
      const folder = await init('--from', 'postgres', '--strategy', strategy);
      expect(await typecheck(folder)).toEqual({ code: 0, output: '' });
      const user = { username: `app_${randomUUID().slice(0, 8)}`, password: `${randomUUID()}%/@` };
      recordSecret(user.password);
      await running.createUser(user.username, user.password);
      const without = await runTests(folder, { DATABASE_URL: '', MASTER_DATABASE_URL: '' });
      expect(without.output).toMatch(/# SKIP set DATABASE_URL/);
      const env = { DATABASE_URL: url(user), MASTER_DATABASE_URL: url(running.administrator), TLS_CA_FILE: ca };
      const { code, output } = await runTests(folder, env);
      expect(output).toMatch(/^# pass 1$/m);
      expect(code).toBe(0);
      // What the test was given still works: it can be run again.
      expect(await running.logsIn(user.username, user.password)).toBe(true);
    },
  );

  test('is bundled into one file that Lambda can load', async () => {
    expect(await bundle(await init('--from', 'postgres'))).toBe('function');
  });
});

/** The drivers of these are several times as large as what is used of them. */
describe.each([
  ['mysql', 'SecretsManagerRDSMySQLRotationSingleUser', 900_000, 1_400_000],
  ['sqlserver', 'SecretsManagerRDSSQLServerRotationSingleUser', 1_050_000, 2_000_000],
])('a project for %s', (engine, template, most, whole) => {
  test('is bundled without what the engine leaves out of its driver, and rotates as the template does', async () => {
    const folder = await init('--from', engine);
    expect(await bundle(folder)).toBe('function');
    const file = join(folder, 'dist/index.mjs');
    expect((await stat(file)).size).toBeLessThan(most);
    const service = await databaseOf(template);
    await service.prepare();
    const running = await service.start();
    const bench = await TemplateBench.make(template, running, { file });
    expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
    expect(await bench.currentWorks()).toBe(true);
    await bench.close();
    recordOutput(running.log());
    await running.stop();
  });

  test('the control: without the plugin, it has all of it', async () => {
    const folder = await init('--from', engine);
    await edit(join(folder, 'build.mjs'), 'plugins: [await replacedParts(import.meta.dirname)],', '');
    await bundle(folder);
    expect((await stat(join(folder, 'dist/index.mjs'))).size).toBeGreaterThan(whole);
  });
});

test('a published package, which holds no sources, replaces with what was built of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-init-'));
  made.push(folder);
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(join(folder, file, '..'), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  const replace = { theirs: './src/left-out.ts', 'other/lib/part.js': './src/left-out.ts' };
  await write('package.json', JSON.stringify({ dependencies: { '@keyturn/driver': '1' } }));
  await write('node_modules/@keyturn/driver/package.json', JSON.stringify({ main: 'i.js', keyturn: { replace } }));
  await write('node_modules/@keyturn/driver/i.js', "import 'theirs'; import 'other';");
  await write('node_modules/@keyturn/driver/dist/left-out.js', "console.log('left out');");
  await write('node_modules/theirs/index.js', "console.log('their whole');");
  await write('node_modules/other/index.js', "import './lib/part.js'; console.log('kept');");
  await write('node_modules/other/lib/part.js', "console.log('a part');");
  await write('handler.ts', "import '@keyturn/driver';");
  await write('build.mjs', await readFile(join(await init(), 'build.mjs'), 'utf8'));
  await write('replaced-parts.mjs', await readFile(join(await init(), 'replaced-parts.mjs'), 'utf8'));
  await symlink(join(root, 'node_modules/esbuild'), join(folder, 'node_modules/esbuild'));
  const { code, output } = await run(folder, process.execPath, ['build.mjs']);
  expect(code, output).toBe(0);
  const { output: said } = await run(folder, process.execPath, ['dist/index.mjs']);
  expect(said).toBe('left out\nkept\n');
});
