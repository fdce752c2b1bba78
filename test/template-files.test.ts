import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, remedies } from '@keyturn/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { staleFiles } from '../scripts/pack/template-files.ts';
import { templateNames, templatesFolder } from '../scripts/templates.ts';
import { makeStack, readTemplate } from './template-cloudformation.ts';

const templates = await findTemplates();
const arn = (_: string, name: string): string => `arn:of:${name}`;

test('the templates are those of the guide, and five beyond it; each is a folder with a handler', async () => {
  const guide = ['MongoDB', 'RDSMariaDB', 'RDSMySQL', 'RDSOracle', 'RDSPostgreSQL', 'RDSSQLServer', 'Redshift'].flatMap(
    (name) => [`SecretsManager${name}RotationMultiUser`, `SecretsManager${name}RotationSingleUser`],
  );
  const beyond = [
    'SecretsManagerDocumentDBRotationMultiUser',
    'SecretsManagerDocumentDBRotationSingleUser',
    'SecretsManagerIAMAccessKeyRotation',
    'SecretsManagerRDSMySQLRotationMultiCredential',
    'SecretsManagerRedisRotationMultiCredential',
  ];
  const expected = [...guide, ...beyond, 'SecretsManagerRotationTemplate'].toSorted();
  expect(templates.map(({ name }) => name)).toEqual(expected);
  expect(await templateNames()).toEqual(expected);
});

test.each(
  templates
    .filter(({ service }) => service.package.startsWith('@keyturn/engine-'))
    .map((each) => [each.name, each] as const),
)('what %s says of its secret and its passwords is what the engine itself says', async (_name, { secret, service }) => {
  const { factory, engineOptions } = /^(?<factory>\w+)\((?<engineOptions>.*)\)$/.exec(service.make.call)?.groups ?? {};
  expect(engineOptions).toBe('');
  const module = await import(join(import.meta.dirname, '..', service.folder, 'src/index.ts'));
  const engine: Engine<unknown> = module[factory ?? '']();
  const example = new Map((secret ?? service.secret).map((key) => [key.name, key.example]));
  expect(engine.secret.engines).toContain(example.get('engine'));
  expect(engine.secret.defaultPort).toBe(example.get('port'));
  expect(engine.passwords.excludedByDefault).toBe(service.excludedCharacters?.replaceAll(' ', ''));
});

describe.each(templates.map((template) => [template.name, template] as const))('%s', (name, template) => {
  test('the committed files are those that are generated', async () => {
    expect(await staleFiles(template)).toEqual([]);
  });

  test('one changed fact makes all that tells of it stale', async () => {
    expect(await staleFiles({ ...template, rotates: 'something else' })).toEqual([
      `${name}/template.yaml`,
      `${name}/README.md`,
    ]);
  });

  test('the function and its role have the logical ids of AWS’s stacks, and the output its name', async () => {
    const { Resources, Outputs } = await readTemplate(name);
    expect(Resources[name].Type).toBe('AWS::Serverless::Function');
    expect(Resources[`${name}Role`].Type).toBe('AWS::IAM::Role');
    expect(Outputs.RotationLambdaARN.Value).toEqual({ 'Fn::GetAtt': [name, 'Arn'] });
  });

  test('what the Serverless Application Repository asks for is there', async () => {
    const { Metadata, Transform } = await readTemplate(name);
    const application = Metadata['AWS::ServerlessRepo::Application'];
    expect(Transform).toBe('AWS::Serverless-2016-10-31');
    expect(application.Name).toMatch(/^[a-zA-Z0-9-]{1,140}$/);
    expect(application.Description.length).toBeLessThanOrEqual(256);
    expect(application.Author).toMatch(/^[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?$/);
    expect(application.SemanticVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(application.SpdxLicenseId).toBe('Apache-2.0');
    for (const file of [application.LicenseUrl, application.ReadmeUrl]) {
      expect((await readFile(join(templatesFolder, name, file))).length).toBeGreaterThan(0);
    }
  });

  test('it fits into one request of CloudFormation, and holds only what every console shows', async () => {
    const text = await readFile(join(templatesFolder, name, 'template.yaml'), 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThan(51_200);
    expect([...text].filter((character) => character > '~')).toEqual([]);
  });

  test('every parameter is used, stands in one group, and only what cannot be guessed has no default', async () => {
    const { Parameters, Metadata, ...rest } = await readTemplate(name);
    const used = JSON.stringify([rest.Conditions, rest.Resources]);
    const names = Object.keys(Parameters);
    expect(names.filter((each) => !used.includes(`{"Ref":"${each}"}`) && !used.includes(`\${${each}}`))).toEqual([]);
    const grouped = Metadata['AWS::CloudFormation::Interface'].ParameterGroups.flatMap(
      (group: { Parameters: string[] }) => group.Parameters,
    );
    expect(grouped.toSorted()).toEqual(names.toSorted());
    const needed = names.filter((each) => Parameters[each].Default === undefined);
    expect(needed).toEqual(template.service.iamUsers ? ['iamUserArns'] : []);
  });

  test('every condition is used', async () => {
    const { Conditions, ...rest } = await readTemplate(name);
    const text = JSON.stringify([rest.Resources, rest.Outputs, Conditions]);
    const unused = Object.keys(Conditions).filter(
      (each) => !text.includes(`"Fn::If":["${each}"`) && !text.includes(`"Condition":"${each}"`),
    );
    expect(unused).toEqual([]);
  });

  test('the README has every parameter, every error that can come, and the rights as statements', async () => {
    const readme = await readFile(join(templatesFolder, name, 'README.md'), 'utf8');
    const { Parameters } = await readTemplate(name);
    for (const each of Object.keys(Parameters)) expect(readme).toContain(`| \`${each}\` |`);
    for (const { statements } of template.grants) expect(readme).toContain(statements);
    const codes = readme.match(/^\| `[a-z-]+` \| /gm)?.map((row) => row.split('`')[1]) ?? [];
    expect(codes.filter((code) => code !== undefined && code in remedies).length).toBeGreaterThan(25);
    expect(readme).not.toContain('undefined');
  });

  test('every default makes an arm64 function on the newest Node, without a VPC, that Secrets Manager may invoke', async () => {
    const needed = template.service.iamUsers ? { iamUserArns: 'arn:aws:iam::123456789012:user/app' } : {};
    const { resources } = makeStack(await readTemplate(name), needed, arn);
    expect(resources[name]).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
    expect(resources[name]).not.toHaveProperty('VpcConfig');
    expect(resources[name]).not.toHaveProperty('FunctionName');
    expect(resources.InvokePermission).toMatchObject({
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: '123456789012',
    });
    expect(Object.keys(resources).toSorted()).toEqual(
      [name, `${name}Role`, 'RotationPolicy', 'LogGroup', 'InvokePermission', 'FailureAlarm'].toSorted(),
    );
  });
});

/** Everything that an engine's README tells; absent until it is written. */
const told = new Map<string, string>();
for (const { service } of templates) {
  const readme = await readFile(join(import.meta.dirname, '..', service.folder, 'README.md'), 'utf8').catch(
    () => undefined,
  );
  if (readme !== undefined && service.package.startsWith('@keyturn/engine-')) told.set(service.title, readme);
}

test.each(templates.filter(({ service }) => told.has(service.title)).map((each) => [each.name, each] as const))(
  'the rights that %s asks for are those of the engine’s README, statement by statement',
  (_name, { grants, service }) => {
    const readme = told.get(service.title) ?? '';
    const statements = grants
      .flatMap((grant) => grant.statements.split('\n'))
      .filter((line) => line !== '-- in master');
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter((line) => !readme.includes(line))).toEqual([]);
  },
);

test('variables of core that no parameter sets are those that make no sense in a stack', async () => {
  const readme = await readFile(join(import.meta.dirname, '../packages/core/README.md'), 'utf8');
  const [, table = ''] = readme.split('## Configuration');
  const [rows = ''] = table.split('\n## ');
  const variables = new Set(
    rows.split('\n').flatMap((row) => (row.startsWith('| `') ? (row.split('|')[1]?.match(/[A-Z_]{4,}/g) ?? []) : [])),
  );
  expect(variables.size).toBeGreaterThan(20);
  const set = new Set<string>();
  for (const { name } of templates) {
    const { Resources } = await readTemplate(name);
    for (const variable of Object.keys(Resources[name].Properties.Environment.Variables)) set.add(variable);
  }
  // A file of the function's own file system: only who makes the bundle can put one there.
  expect([...variables].filter((variable) => !set.has(variable))).toEqual(['TLS_CA_FILE']);
  expect([...set].filter((variable) => !variables.has(variable))).toEqual([]);
});

test('a template that is not there is stale, and so is one that somebody has changed by hand', async () => {
  const [template] = templates;
  if (template === undefined) throw new Error('there are no templates');
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(templatesFolder, template.name, 'README.md');
  const text = await readFile(file, 'utf8');
  await writeFile(join(folder, 'README.md'), `${text}\n`);
  expect(await staleFiles(template, folder)).toEqual([
    `${template.name}/handler.ts`,
    `${template.name}/template.yaml`,
    `${template.name}/README.md`,
    `${template.name}/package.json`,
  ]);
});
