import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { uploadLine } from '../scripts/pack/packaged-template.ts';
import { templatesFolder } from '../scripts/templates.ts';
import { makeStack, parseTemplate, readTemplate } from './template-cloudformation.ts';

const root = join(import.meta.dirname, '..');
const template = 'SecretsManagerRDSPostgreSQLRotationMultiUser';
const names = (await findTemplates()).map(({ name }) => name);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run package -- …`, without npm. */
function packageScript(...given: readonly string[]): Promise<Outcome> {
  const script = ['-C', 'keyturn-source', join(root, 'scripts/package.ts'), ...given];
  return new Promise((resolve) => {
    execFile(process.execPath, script, { cwd: root, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

test('a packaged template differs from the one in the tree only in where it points', async () => {
  const out = await folder();
  const given = ['--bucket', 'my-bucket', '--prefix', 'rotation', '--out', out, '--json', template];
  const { code, stdout } = await packageScript(...given);
  expect(code).toBe(0);
  const { templates, uploads } = JSON.parse(stdout);
  expect(templates).toEqual([
    { template, file: join(out, `${template}.yaml`), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  const packaged = parseTemplate(await readFile(join(out, `${template}.yaml`), 'utf8'));
  const original = await readTemplate(template);
  const application = 'AWS::ServerlessRepo::Application';
  const pointers = [
    packaged.Resources[template].Properties.CodeUri,
    packaged.Metadata[application].LicenseUrl,
    packaged.Metadata[application].ReadmeUrl,
  ];
  expect(uploads.map(({ to }: { to: string }) => to)).toEqual(pointers);
  expect(pointers[0]).toBe(`s3://my-bucket/rotation/${templates[0].sha256}.zip`);
  for (const { from, to } of uploads) {
    const hash = createHash('sha256')
      .update(await readFile(from))
      .digest('hex');
    expect(to).toMatch(new RegExp(`^s3://my-bucket/rotation/${hash}\\.(?:zip|txt|md)$`));
  }
  packaged.Resources[template].Properties.CodeUri = original.Resources[template].Properties.CodeUri;
  packaged.Metadata[application].LicenseUrl = original.Metadata[application].LicenseUrl;
  packaged.Metadata[application].ReadmeUrl = original.Metadata[application].ReadmeUrl;
  expect(packaged).toEqual(original);
});

test('the lines that upload are the whole output, once for each file, for the bucket’s Region', async () => {
  const out = await folder();
  const two = [template, 'SecretsManagerRedisRotationMultiCredential'];
  const { stdout } = await packageScript('--bucket', 'my-bucket', '--region', 'eu-west-1', '--out', out, ...two);
  const lines = stdout.trimEnd().split('\n');
  // Two zips, two READMEs, and the licence of both.
  expect(lines).toHaveLength(5);
  for (const line of lines)
    expect(line).toMatch(/^aws s3 cp \S+ s3:\/\/my-bucket\/[0-9a-f]{64}\.\w+ --region eu-west-1$/);
  expect((await readdir(out)).toSorted()).toEqual(two.map((name) => `${name}.yaml`).toSorted());
});

test('a path with a blank or a quote is one word of the line', () => {
  const line = uploadLine({ from: "/home/o'neil/my keys/function.zip", to: 's3://b/x.zip' }, undefined);
  expect(line).toBe(`aws s3 cp '/home/o'\\''neil/my keys/function.zip' s3://b/x.zip`);
});

test.each([
  ['no bucket', [], '--bucket is missing.'],
  ['no name of a bucket', ['--bucket', 'My_Bucket'], '"My_Bucket" is no name of a bucket.'],
  ['a prefix that would end the line', ['--bucket', 'b-1', '--prefix', 'x; rm -rf'], '--prefix takes letters'],
  ['no Region', ['--bucket', 'b-1', '--region', 'here, there'], '"here, there" is no Region.'],
  ['no template', ['--bucket', 'b-1', 'SecretsManagerRDSPostgresRotation'], 'No such template'],
  ['an unknown option', ['--bucket', 'b-1', '--upload'], "Unknown option '--upload'"],
])('%s: it says so and how it is called, writes nothing, and exits with 2', async (_what, given, message) => {
  const out = await folder();
  const { code, stdout, stderr } = await packageScript(...given, '--out', out);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toContain('npm run package -- --bucket B');
  expect(await readdir(out)).toEqual([]);
});

test('--help says how it is called, and exits with 0', async () => {
  const { code, stdout } = await packageScript('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('npm run package -- --bucket B');
});

describe('every README leads to a template that deploys with the parameters it names:', () => {
  let packaged = '';
  let uploads = '';
  beforeAll(async () => {
    packaged = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
    const { code, stdout } = await packageScript('--bucket', 'bucket', '--out', packaged);
    expect(code).toBe(0);
    uploads = stdout;
  }, 120_000);
  afterAll(() => rm(packaged, { recursive: true }));

  test.each(names)('%s', async (name) => {
    const readme = await readFile(join(templatesFolder, name, 'README.md'), 'utf8');
    expect(readme).toContain(`\nnpm run package -- --bucket BUCKET ${name}\n`);
    expect(uploads).toContain(`templates/${name}/dist/function.zip s3://bucket/`);
    expect(readme).toContain(`--template-file dist/templates/${name}.yaml`);
    const written = parseTemplate(await readFile(join(packaged, `${name}.yaml`), 'utf8'));
    const [, overrides = ''] = /--parameter-overrides (.*)$/m.exec(readme) ?? [];
    const parameters: Record<string, string> = Object.fromEntries(overrides.split(' ').map((pair) => pair.split('=')));
    for (const [key, value] of Object.entries(parameters)) {
      if (value.startsWith('ARN_OF')) parameters[key] = 'arn:aws:service:us-east-1:123456789012:thing';
    }
    const { resources, outputs } = makeStack(written, parameters, (id, attribute) => `${id}.${attribute}`);
    expect(resources[name].FunctionName).toBe('rotate-app');
    expect(outputs.RotationLambdaARN.Value).toBe(`${name}.Arn`);
  });
});
