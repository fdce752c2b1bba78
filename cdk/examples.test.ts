import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type BuildOptions, build as bundle } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TemplateSchema } from '../test/template-schema.ts';
import { auroraMysqlIsolated } from './examples/aurora-mysql-isolated.ts';
import { documentDb } from './examples/documentdb.ts';
import { ownHandler } from './examples/own-handler.ts';
import { rdsPostgres } from './examples/rds-postgres.ts';
import { type RotationFunction, RotationTemplate } from './src/index.ts';
import { build } from './testing/bundles.ts';
import type { Json } from './testing/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyturn-cdk-examples-'));
const entry = join(folder, 'index.mjs');
const root = join(import.meta.dirname, '..');
const schema = await TemplateSchema.load();
const run = promisify(execFile);
const linter = await run('cfn-lint', ['--version'], { timeout: 60_000 }).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

beforeAll(async () => {
  await build(
    RotationTemplate.postgresSingleUser(),
    RotationTemplate.mysqlSingleUser(),
    RotationTemplate.mysqlMultiUser(),
    RotationTemplate.documentdbSingleUser(),
  );
  const handler = join(root, 'examples/http-api-password/handler.ts');
  const options: BuildOptions = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['keyturn-source', 'module'],
  };
  await bundle({ entryPoints: [handler], outfile: entry, mainFields: ['module', 'main'], ...options });
});
afterAll(() => rmSync(folder, { recursive: true }));

const examples: readonly (readonly [string, (app: App) => Stack])[] = [
  ['rds-postgres', rdsPostgres],
  ['aurora-mysql-isolated', auroraMysqlIsolated],
  ['documentdb', documentDb],
  ['own-handler', (app) => ownHandler(app, entry)],
];

/** An example as it is synthesized, with all that checkers say of it. */
function synthesize(name: string, make: (app: App) => Stack) {
  const outdir = join(folder, name);
  const app = new App({ outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const { stackName } = make(app);
  const before = process.exitCode;
  const { templateFullPath, template } = app.synth().getStackByName(stackName);
  // CloudFormation's own rules do not throw: they end the process with an error when it ends.
  process.exitCode = before;
  return { app, template: template as Json, file: templateFullPath, findings: findingsIn(outdir) };
}

/** Everything that a checker says, be it an error or a warning. */
function findingsIn(outdir: string): string[] {
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  return pluginReports.flatMap(({ violations }: Json) =>
    violations.map(({ ruleName, description }: Json) => `${ruleName}: ${description}`),
  );
}

/** What somebody acknowledged in an app, by rule, with the reason. */
function acknowledgements(app: App): [rule: string, reason: string][] {
  return app.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries<string>(data));
}

/** The rules that are acknowledged without a reason of some words. */
function unexplained(app: App): string[] {
  return acknowledgements(app).flatMap(([rule, reason]) => (reason.split(' ').length > 4 ? [] : [rule]));
}

/** The template with a word in place of what changes with every version of the code. */
function withoutHashes(template: Json): string {
  return `${JSON.stringify(template, null, 2).replaceAll(/[0-9a-f]{64}\.zip/g, 'HASH.zip')}\n`;
}

describe.each(examples)('%s', (name, make) => {
  let example: ReturnType<typeof synthesize>;
  beforeAll(() => {
    example = synthesize(name, make);
  });

  test('is the template that it was', async () => {
    await expect(withoutHashes(example.template)).toMatchFileSnapshot(join('examples', `${name}.template.json`));
  });

  test('cdk-nag’s AWS Solutions rules and CloudFormation’s own have nothing against it', () => {
    expect(example.findings).toEqual([]);
  });

  test('what is acknowledged is explained', () => {
    expect(unexplained(example.app)).toEqual([]);
  });

  test('CloudFormation’s schema knows every resource and property', () => {
    const Resources = Object.entries<Json>(example.template.Resources).map(([id, resource]) => [
      id,
      { Properties: {}, ...resource },
    ]);
    const template = { Conditions: {}, Parameters: {}, ...example.template, Resources: Object.fromEntries(Resources) };
    expect(schema.faults(template)).toEqual([]);
  });

  test.skipIf(linter === undefined)(
    `cfn-lint finds nothing${linter === undefined ? ': it is not installed' : ''}`,
    async () => {
      // aws-cdk-lib writes every dependency, also one that a reference makes (W3005).
      const { stdout } = await run('cfn-lint', ['--ignore-checks', 'W3005', '--', example.file]).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toBe('');
    },
    60_000,
  );
});

test('the control: a right to everything is found', () => {
  const make = (app: App) => {
    const stack = ownHandler(app, entry);
    (stack.node.findChild('Rotation') as RotationFunction).addToRolePolicy(
      new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }),
    );
    return stack;
  };
  expect(() => synthesize('control', make)).toThrow('AwsSolutions-IAM5[Action::s3:*]');
  expect(findingsIn(join(folder, 'control'))).toHaveLength(2);
});

test('the control: an acknowledgement without a reason is found, and those of the examples are seen', () => {
  const app = new App();
  const stack = documentDb(app);
  const rules = acknowledgements(app).map(([rule]) => rule);
  for (const seen of ['AwsSolutions-DOC3', 'AwsSolutions-IAM5[Resource::*]']) {
    expect(rules).toContainEqual(expect.stringContaining(seen));
  }
  Validations.of(stack).acknowledge({ id: 'AwsSolutions-VPC7', reason: 'later' });
  expect(unexplained(app)).toEqual([expect.stringContaining('AwsSolutions-VPC7')]);
});
