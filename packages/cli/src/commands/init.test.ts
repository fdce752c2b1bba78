import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, keyturn } from '../../testing/keyturn.ts';
import { enginesAtHand, readEngine } from '../init/find-engines.ts';

const files = [
  'handler.ts',
  'handler.test.ts',
  'template.yaml',
  'README.md',
  'build.mjs',
  'replaced-parts.mjs',
  'package.json',
  'tsconfig.json',
  '.gitignore',
];

describe('keyturn init', () => {
  it('writes a project, and says which files and what to do next', async () => {
    const dir = join(folder(), 'new', 'project');
    const { code, stdout, stderr } = await keyturn('init', 'rotate-reports', '--dir', dir);
    expect([code, stderr]).toEqual([0, '']);
    for (const file of files) expect(stdout).toContain(file);
    expect(readdirSync(dir).sort()).toEqual(files.toSorted());
    expect(readFileSync(join(dir, 'handler.ts'), 'utf8')).toContain(
      'class RotateReports extends RotationFunction<Login>',
    );
    expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toMatchObject({ name: 'rotate-reports' });
  });

  it('--json says it as one object', async () => {
    const dir = folder();
    const { stdout } = await keyturn('init', '--name', 'rotate-reports', '--dir', dir, '--json');
    expect(JSON.parse(stdout)).toEqual({ name: 'rotate-reports', from: 'generic', strategy: 'custom', dir, files });
  });

  it.each([
    ['single-user', 'singleUser'],
    ['alternating-users', 'alternatingUsers'],
  ])('writes the handler of an engine with the strategy %s', async (strategy, strategyFunction) => {
    const dir = folder();
    const from = ['--from', 'postgres', '--strategy', strategy];
    expect(await keyturn('init', '--name', 'rotate-db', ...from, '--dir', dir)).toMatchObject({ code: 0 });
    const handler = readFileSync(join(dir, 'handler.ts'), 'utf8');
    expect(handler).toContain("import { postgres } from '@keyturn/engine-postgres';");
    expect(handler).toContain(`new RotateDb(${strategyFunction}(postgres())).handler`);
    const { dependencies } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies)).toEqual(['@keyturn/core', '@keyturn/engine-postgres']);
    const template = readFileSync(join(dir, 'template.yaml'), 'utf8');
    expect(template.includes('MASTER_SECRET_ARN')).toBe(strategy === 'alternating-users');
  });

  it('finds an engine that somebody else has made, by the name of its package', async () => {
    const at = folder();
    const engine = join(at, 'node_modules', '@keyturn', 'engine-theirs');
    mkdirSync(engine, { recursive: true });
    const manifest = {
      name: '@keyturn/engine-theirs',
      version: '3.2.1',
      type: 'module',
      exports: { '.': { default: './i.js' } },
    };
    writeFileSync(join(engine, 'package.json'), JSON.stringify(manifest));
    writeFileSync(
      join(engine, 'i.js'),
      "export class Other {}\nexport const theirDatabase = () => ({ secret: { engines: ['theirs'], defaultPort: 7 }, overlap: {} });",
    );
    const found = await enginesAtHand([join(at, 'deep', 'down')]);
    expect(await Promise.all(found.map(readEngine))).toEqual([
      {
        packageName: '@keyturn/engine-theirs',
        versionRange: '^3.2.1',
        factory: 'theirDatabase',
        engineValue: 'theirs',
        defaultPort: 7,
        strategies: ['single-user', 'multi-credential'],
      },
    ]);
  });

  it('overwrites nothing without --force, and lists what is there', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'handler.ts'), 'mine');
    writeFileSync(join(dir, 'README.md'), 'mine');
    const args = ['init', '--name', 'rotate-reports', '--dir', dir];
    const { code, stderr } = await keyturn(...args);
    expect(code).toBe(1);
    expect(stderr).toContain('has these files already: handler.ts, README.md. Nothing was written.');
    expect(readdirSync(dir).sort()).toEqual(['README.md', 'handler.ts']);
    expect(readFileSync(join(dir, 'handler.ts'), 'utf8')).toBe('mine');
    expect(await keyturn(...args, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'handler.ts'), 'utf8')).not.toBe('mine');
  });

  it('a folder that is a file fails with the reason', async () => {
    const file = join(folder(), 'taken');
    writeFileSync(file, '');
    const { code, stderr } = await keyturn('init', '--name', 'rotate-reports', '--dir', file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^keyturn: --dir .*taken: the files cannot be written \(ENOTDIR\)/);
  });

  it.each([
    [[], /^Say what the function is called/],
    [['r', 'two'], /^--name takes one value only/],
    [['--name', 'Rotate'], /^--name Rotate: begin with a letter/],
    [['--name', '../up'], /^--name \.\.\/up: begin with a letter/],
    [['--name', 'a'.repeat(65)], /at most 64\.$/],
    [['--name', 'r', '--from', 'dbase'], /^--from dbase: there is generic, .*postgres/],
    [['--name', 'r', '--from', '../../x'], /^--from \.\.\/\.\.\/x: there is generic/],
    [['--name', 'r', '--strategy', 'single-user'], /^--strategy single-user: a service of your own has no strategy/],
    [
      ['--name', 'r', '--from', 'postgres', '--strategy', 'multi-credential'],
      /^--strategy multi-credential: @keyturn\/engine-postgres offers single-user, alternating-users\.$/,
    ],
  ])('%j is refused with what to write instead, and nothing is written', async (args, message) => {
    const dir = folder();
    const { code, stdout, stderr } = await keyturn('init', ...args, '--dir', dir);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.replace(/^keyturn: /, '').trimEnd()).toMatch(message);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('--help shows examples', async () => {
    const { stdout } = await keyturn('init', '--help');
    expect(stdout).toContain('keyturn init rotate-orders --from postgres');
    for (const option of ['name', 'from', 'strategy', 'dir', 'force', 'json']) expect(stdout).toContain(`--${option}`);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(112);
  });
});
