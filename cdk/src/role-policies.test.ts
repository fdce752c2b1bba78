import { User } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeAll, expect, test } from 'vitest';
import { makeStack, readTemplate } from '../../test/template-cloudformation.ts';
import { build } from '../testing/bundles.ts';
import { type Json, World } from '../testing/world.ts';
import { RotationTemplate } from './index.ts';

const templates = [RotationTemplate.postgresMultiUser(), RotationTemplate.iamAccessKey()];
beforeAll(() => build(...templates));

/** Everything that a stack of the template may do with every parameter given, by Sid: tested against traces of every call. */
async function statementsOfTemplate({ name }: RotationTemplate): Promise<Record<string, Json>> {
  const template = await readTemplate(name);
  const all: Record<string, string> = {
    vpcSubnetIds: 'subnet-1',
    tracing: 'Active',
    kmsKeyArn: 'arn:own',
    masterSecretArn: 'arn:master',
    masterSecretKmsKeyArn: 'arn:masters',
    passwordSource: 'get-random-password',
    iamUserArns: 'arn:user',
  };
  const known = Object.fromEntries(Object.entries(all).filter(([parameter]) => parameter in template.Parameters));
  const { resources } = makeStack(template, known, (resource, attribute) => `${resource}.${attribute}`);
  const [inline] = resources[`${name}Role`].Policies;
  const statements = [...inline.PolicyDocument.Statement, ...resources.RotationPolicy.PolicyDocument.Statement];
  return Object.fromEntries(statements.map((statement: Json) => [statement.Sid, statement]));
}

function statementsOfConstruct(template: RotationTemplate): Record<string, Json> {
  const world = new World();
  const needsMaster = template.facts.master === 'needed';
  const makesPasswords = template.facts.variables.includes('PASSWORD_SOURCE');
  const encrypted = (id: string) =>
    new Secret(world.stack, id, { encryptionKey: new Key(world.stack, `KeyOf${id}`), secretName: id });
  const rotation = world.rotation({
    template,
    vpc: world.vpc,
    tracing: Tracing.ACTIVE,
    masterSecret: needsMaster ? encrypted('Master') : undefined,
    passwordSource: makesPasswords ? 'get-random-password' : undefined,
    iamUsers: makesPasswords ? [] : [new User(world.stack, 'User')],
  });
  rotation.rotateSecret('Secret', encrypted('Secret'));
  return world.statements;
}

const essence = (statements: Record<string, Json>) =>
  Object.fromEntries(
    Object.entries(statements).map(([sid, { Effect, Action, Condition = {} }]) => [
      sid,
      {
        Effect,
        Action: [Action].flat(),
        conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
          Object.keys(keys as object).map((key) => `${operator} ${key}`),
        ),
      },
    ]),
  );

test.each(templates.map((template) => [template.name, template] as const))(
  '%s: the role may do what that of the template may, under the same conditions',
  async (_name, template) => {
    expect(essence(statementsOfConstruct(template))).toEqual(essence(await statementsOfTemplate(template)));
  },
);
