import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { findTemplates } from '../../scripts/pack/find-templates.ts';
import { build } from '../testing/bundles.ts';
import { World } from '../testing/world.ts';
import * as exported from './index.ts';

const { RotationTemplate } = exported;
type RotationTemplate = exported.RotationTemplate;

const templates = await findTemplates();
const methods = RotationTemplate as unknown as Record<string, () => RotationTemplate>;
const made = Object.getOwnPropertyNames(RotationTemplate)
  .filter((name) => !['length', 'name', 'prototype'].includes(name))
  .map((name) => methods[name]?.() as RotationTemplate);

test('what is exported is what API.md tells of', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'RotationFunction',
    'RotationSchedule',
    'RotationTemplate',
    'redshiftTarget',
  ]);
});

test('there is a method for each template, and each makes its own', () => {
  expect(made.map(({ name }) => name).sort()).toEqual(templates.map(({ name }) => name));
  expect(RotationTemplate.postgresSingleUser().name).toBe('SecretsManagerRDSPostgreSQLRotationSingleUser');
});

test('the generated files are those that are generated; the control: with another fact they are stale', async () => {
  // In a process of its own, which loads the engines as they are: they are many.
  const script = `
    import { staleCdkFiles } from './scripts/pack/cdk-files.ts';
    import { findTemplates } from './scripts/pack/find-templates.ts';
    const [first, ...others] = await findTemplates();
    const changed = [{ ...first, rotates: 'something else' }, ...others];
    console.log(JSON.stringify([await staleCdkFiles([first, ...others]), await staleCdkFiles(changed)]));`;
  const args = ['-C', 'keyturn-source', '--input-type=module-typescript', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '..', '..') });
  expect(JSON.parse(stdout)).toEqual([[], ['rotation-templates.json', 'rotation-template.ts']]);
}, 60_000);

describe('every template makes a function of its own bundle', () => {
  beforeAll(() => build(...made), 120_000);

  test.each(made.map((template) => [template.name, template] as const))('%s', (_name, template) => {
    const world = new World();
    const rotation = world.rotation({ template });
    const value = {
      ...Object.fromEntries(template.facts.requiredKeys.map((key) => [key, key])),
      masterarn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:master-abcdef',
    };
    rotation.rotateSecret(
      'Secret',
      world.secret(template.facts.engines === undefined ? value : { ...value, engine: template.facts.engines[0] }),
    );
    expect(world.properties('AWS::Lambda::Function').Timeout).toBe(template.facts.timeoutSeconds);
    expect(world.statements.RotateSecretsOfThisFunction.Action).toContain('secretsmanager:PutSecretValue');
  });
});
