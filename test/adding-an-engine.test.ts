import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const template = 'SecretsManagerNewdbRotationMultiCredential';
const here = 'packages/engines/newdb';

/** What the construct library knows of templates, which is generated with them. */
const generatedFromTemplates: readonly string[] = ['cdk/src/rotation-template.ts', 'cdk/src/rotation-templates.json'];

/** What the build, the tests and a template of one engine need of the workspace. */
const parts = [
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'LICENSE',
  'scripts',
  'packages/cli/src/init/replaced-parts.mjs',
  'packages/core',
  'packages/connection',
  'packages/engine-conformance',
  'packages/local-secrets-manager',
  'packages/rotation-schedule',
  'packages/services/rds',
  'cdk',
  'test/record-output.ts',
  'test/browser-of-the-run.ts',
  'test/compile-cache-of-the-run.ts',
  'test/taint-of-the-run.ts',
];

const kept = (path: string) => !/\/(node_modules|dist)(\/|$)/.test(path);

/** Every file of a folder, with a hash of what is in it. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const path of glob('**/*', {
    cwd: folder,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  })) {
    if (!(await stat(join(folder, path))).isFile()) continue;
    files.set(
      path,
      createHash('sha256')
        .update(await readFile(join(folder, path)))
        .digest('hex'),
    );
  }
  return files;
}

/** Links the packages as `npm install` does, by the globs of the root's package.json. */
async function linkPackages(workspace: string): Promise<void> {
  const { workspaces } = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8'));
  for await (const file of glob(
    (workspaces as string[]).map((each) => `${each}/package.json`),
    { cwd: workspace },
  )) {
    const { name } = JSON.parse(await readFile(join(workspace, file), 'utf8'));
    const link = join(workspace, 'node_modules', name);
    await rm(link, { recursive: true, force: true });
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(workspace, dirname(file)), link);
  }
}

/** Installed packages are those of this workspace; its own packages and its cache are not. */
async function linkModules(workspace: string): Promise<void> {
  const from = join(root, 'node_modules');
  const to = join(workspace, 'node_modules');
  await mkdir(join(to, '.cache/keyturn'), { recursive: true });
  for (const name of await readdir(from)) {
    if (name === '@keyturn' || (name.startsWith('.') && name !== '.bin')) continue;
    await symlink(join(from, name), join(to, name));
  }
  // What was downloaded for tests once.
  for (const name of await readdir(join(from, '.cache/keyturn'))) {
    if (name === 'build' || name.startsWith('taint-')) continue;
    await symlink(join(from, '.cache/keyturn', name), join(to, '.cache/keyturn', name));
  }
}

/** Copies the templates that need nothing but those parts. */
async function copyTemplates(workspace: string): Promise<void> {
  const there = new Set<string>();
  for await (const file of glob('packages/**/package.json', { cwd: workspace })) {
    there.add(JSON.parse(await readFile(join(workspace, file), 'utf8')).name);
  }
  await mkdir(join(workspace, 'templates'));
  for await (const file of glob('templates/*/package.json', { cwd: root })) {
    const { dependencies } = JSON.parse(await readFile(join(root, file), 'utf8'));
    if (!Object.keys(dependencies).every((name) => there.has(name))) continue;
    await cp(join(root, dirname(file)), join(workspace, dirname(file)), { recursive: true, filter: kept });
  }
}

/** Copies an engine under a new name: its folder, and in it the names of its packages, its template and itself. */
async function copyEngine(workspace: string): Promise<void> {
  const folder = join(workspace, here);
  await cp(join(root, 'packages/engines/redis'), folder, { recursive: true, filter: kept });
  const renamed: readonly (readonly [string, string | RegExp, string])[] = [
    ['package.json', '@keyturn/engine-redis', '@keyturn/engine-newdb'],
    ['service/package.json', '@keyturn/service-redis', '@keyturn/service-newdb'],
    ['service/index.ts', "engine: 'redis'", "engine: 'newdb'"],
    ['src/engine.ts', "name: 'redis'", "name: 'newdb'"],
    ['templates.ts', '@keyturn/engine-redis', '@keyturn/engine-newdb'],
    ['templates.ts', "folder: 'packages/engines/redis'", "folder: 'packages/engines/newdb'"],
    ['templates.ts', 'SecretsManagerRedisRotationMultiCredential', template],
  ];
  for (const [file, from, to] of renamed) {
    const text = await readFile(join(folder, file), 'utf8');
    if (!text.includes(from as string)) throw new Error(`${file} does not hold ${from}`);
    await writeFile(join(folder, file), text.replace(from, to));
  }
}

describe('an engine is added by adding its folder', () => {
  let workspace = '';
  let before = new Map<string, string>();
  /** Node as the workspace's scripts start it. */
  const node = async (...args: string[]) => {
    const options = { cwd: workspace, timeout: 100_000, env: { ...process.env, KEYTURN_TAINT_FOLDER: undefined } };
    const { stdout } = await run(process.execPath, ['-C', 'keyturn-source', ...args], options).catch(
      (error: { stdout?: string; stderr?: string }) => {
        throw new Error(`${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`);
      },
    );
    return stdout;
  };

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'keyturn-test-new-engine-'));
    for (const part of parts) await cp(join(root, part), join(workspace, part), { recursive: true, filter: kept });
    await copyTemplates(workspace);
    await linkModules(workspace);
    before = await filesOf(workspace);
    await copyEngine(workspace);
    await linkPackages(workspace);
  });
  afterAll(() => rm(workspace, { recursive: true, force: true }));

  test('its template is written from what it says of itself, and everything is built', {
    timeout: 120_000,
  }, async () => {
    await node('scripts/generate-templates.ts');
    const methods = await readFile(join(workspace, 'cdk/src/rotation-template.ts'), 'utf8');
    expect(methods).toContain('static newdbMultiCredential(): RotationTemplate');
    const built = await node('scripts/build.ts');
    expect(built).toContain('@keyturn/engine-newdb\n');
    expect(built).toMatch(new RegExp(`^${template}: \\d+ kB`, 'm'));
    const engine = await import(join(workspace, here, 'dist/index.js'));
    expect(engine.redis().name).toBe('newdb');
    const bundle = await import(join(workspace, 'templates', template, 'dist/index.mjs'));
    expect(bundle.handler).toBeTypeOf('function');
  });

  test('the construct library, as it is published, makes functions of it', { timeout: 60_000 }, async () => {
    // Built packages alone, loaded as a CommonJS app loads them.
    const script = `
      const { App, Stack } = require('aws-cdk-lib');
      const { RotationFunction, RotationTemplate } = require('@keyturn/cdk');
      const stack = new Stack(new App(), 'Stack');
      const template = RotationTemplate.newdbMultiCredential();
      new RotationFunction(stack, 'Rotation', { template }).alarmOnOverdueRotations();
      console.log(template.name);`;
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: join(workspace, 'cdk') });
    expect(stdout.trim()).toBe(template);
    expect(await readdir(join(workspace, 'cdk/dist/bundles'))).toContain(`${template}.zip`);
  });

  test('the suite tests it', { timeout: 120_000 }, async () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const file = join(workspace, 'node_modules/report.json');
    const reporter = ['--reporter=json', `--outputFile=${file}`];
    await node(vitest, 'run', `${here}/conformance.test.ts`, '-t', 'logins|passwords change', ...reporter);
    const report = JSON.parse(await readFile(file, 'utf8'));
    expect(report.success).toBe(true);
    expect(report.numPassedTests).toBeGreaterThan(8);
  });

  test('nothing but its two folders is new, and nothing has changed but what is generated', async () => {
    const after = await filesOf(workspace);
    const own = (path: string) =>
      path.startsWith(`${here}/`) || path.startsWith(`templates/${template}/`) || generatedFromTemplates.includes(path);
    for (const path of generatedFromTemplates) before.delete(path);
    const others = [...after].filter(([path]) => !own(path));
    expect(new Map(others)).toEqual(before);
    expect([...after.keys()].filter(own).map((path) => relative(here, path))).toContain('src/engine.ts');
  });
});
