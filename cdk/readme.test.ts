import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RotationTemplate } from './src/index.ts';
import { build } from './testing/bundles.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-cdk-readme-'));
  const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8');
  const [, example = ''] =
    /<!-- compiled and synthesized by cdk\/readme\.test\.ts -->\n```ts\n(.*?)```/s.exec(readme) ?? [];
  await writeFile(join(folder, 'app.ts'), example);
  const extra =
    "import { Template } from 'aws-cdk-lib/assertions';\nconsole.log(JSON.stringify(Template.fromStack(stack).toJSON()));\n";
  await writeFile(join(folder, 'synth.ts'), `${example}\n${extra}`);
  const compilerOptions = {
    exactOptionalPropertyTypes: false,
    isolatedDeclarations: false,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build(RotationTemplate.postgresSingleUser(), RotationTemplate.postgresMultiUser());
});
afterAll(() => rm(folder, { recursive: true }));

test('the example of the README compiles', async () => {
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
}, 60_000);

test('the example of the README is synthesized: two secrets that rotate', async () => {
  const env = { ...process.env, CDK_VALIDATION: 'false' };
  const { stdout } = await run(process.execPath, ['-C', 'keyturn-source', 'synth.ts'], { cwd: folder, env });
  const schedules = Object.values<Record<string, unknown>>(JSON.parse(stdout).Resources).filter(
    ({ Type }) => Type === 'AWS::SecretsManager::RotationSchedule',
  );
  expect(schedules.map(({ Properties }) => (Properties as Record<string, unknown>).RotationRules)).toEqual([
    { AutomaticallyAfterDays: 30 },
    { ScheduleExpression: 'cron(0 3 ? * SUN *)', Duration: '2h' },
  ]);
}, 60_000);
