import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { samTemplate } from '../packages/cli/src/init/sam-template.ts';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { templatesFolder } from '../scripts/templates.ts';
import { type Json, parseTemplate, readTemplate } from './template-cloudformation.ts';
import { TemplateSchema } from './template-schema.ts';

const names = (await findTemplates()).map(({ name }) => name);
const schema = await TemplateSchema.load();
const run = promisify(execFile);
const linter = await run('cfn-lint', ['--version'], { timeout: 60_000 }).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

test.each(names)(
  '%s: CloudFormation’s schema knows every resource and property, and every reference leads somewhere',
  async (name) => {
    expect(schema.faults(await readTemplate(name))).toEqual([]);
  },
);

test.each(['single-user', 'alternating-users'])(
  'the template of a project that keyturn init writes, %s',
  async (strategy) => {
    const project = { name: 'rotate-it', engine: undefined, strategy, versionRange: '^0.1.0' };
    const template = parseTemplate(samTemplate(project));
    expect(schema.faults(template)).toEqual([]);
    expect(Object.keys(template.Parameters).includes('MasterSecretKmsKeyArn')).toBe(strategy === 'alternating-users');
    const runtime = (await readTemplate('SecretsManagerRotationTemplate')).Parameters.runtime.Default;
    expect(template.Resources.RotationFunction.Properties.Runtime).toBe(runtime);
  },
);

describe('the control: the same check finds', () => {
  const changes: readonly [what: string, change: (template: Json, fn: string) => void, fault: string][] = [
    [
      'a resource type that is not there',
      ({ Resources }) => {
        Resources.LogGroup.Type = 'AWS::Logs::Group';
      },
      'LogGroup: there is no resource type AWS::Logs::Group',
    ],
    [
      'a property that is not there',
      ({ Resources }) => {
        Resources.LogGroup.Properties.Retention = 1;
      },
      'LogGroup.Retention: there is no such property',
    ],
    [
      'a property that SAM hands on, misspelt inside',
      ({ Resources }, fn) => {
        Resources[fn].Properties.LoggingConfig.Group = 'x';
      },
      'FN.LoggingConfig.Group: there is no such property',
    ],
    [
      'a number where a text must be',
      ({ Resources }) => {
        Resources.InvokePermission.Properties.Action = 1;
      },
      'InvokePermission.Action: must be a string',
    ],
    [
      'a text in one branch of an If',
      ({ Resources }, fn) => {
        Resources[fn].Properties.VpcConfig['Fn::If'][1].SubnetIds = 'subnet-1';
      },
      'FN.VpcConfig.SubnetIds: must be a list',
    ],
    [
      'a required property that is left out',
      ({ Resources }) => {
        delete Resources.InvokePermission.Properties.Principal;
      },
      'InvokePermission.Principal: is required',
    ],
    [
      'a reference to nothing',
      ({ Outputs }) => {
        Outputs.LogGroupName.Value = { Ref: 'Log' };
      },
      '.Outputs.LogGroupName.Value.Ref: there is no Log',
    ],
    [
      'an attribute that is not there',
      ({ Outputs }, fn) => {
        Outputs.RotationLambdaARN.Value = { 'Fn::GetAtt': [fn, 'ARN'] };
      },
      '.Outputs.RotationLambdaARN.Value.Fn::GetAtt: there is no FN.ARN',
    ],
    [
      'a condition that is not there',
      ({ Conditions }) => {
        delete Conditions.MakesRole;
      },
      'there is no condition MakesRole',
    ],
  ];

  test.each(changes)('%s', async (_what, change, fault) => {
    const name = 'SecretsManagerRDSPostgreSQLRotationMultiUser';
    const template = await readTemplate(name);
    change(template, name);
    expect(schema.faults(template)[0]).toContain(fault.replace('FN', name));
  });
});

test.skipIf(linter === undefined)(
  `cfn-lint finds nothing${linter === undefined ? ': it is not installed' : ''}`,
  async () => {
    const files = names.map((name) => join(templatesFolder, name, 'template.yaml'));
    const { stdout } = await run('cfn-lint', files, { timeout: 300_000 }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  },
  310_000,
);
