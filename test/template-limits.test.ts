import { describe, expect, test } from 'vitest';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { allowedBy } from './template-iam.ts';
import { TemplateRole } from './template-role.ts';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';
const key = 'arn:aws:kms:us-east-1:123456789012:key/1';
const masterKey = 'arn:aws:kms:us-east-1:123456789012:key/2';

const all = await findTemplates();

describe('the roles allow nothing else:', () => {
  const other = 'arn:aws:lambda:us-east-1:123456789012:function:another';
  const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf';
  const master = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:master-AbCdEf';
  const rotatedBy = (arn: string) => ({ 'secretsmanager:resource/allowrotationlambdaarn': arn });
  const iam = { iamUserArns: 'arn:aws:iam::123456789012:user/app' };
  const parametersOf = (name: string, more: Readonly<Record<string, string>>) => ({
    ...(name === 'SecretsManagerIAMAccessKeyRotation' ? iam : {}),
    ...more,
  });

  test.each(all.map(({ name }) => name))('%s', async (template) => {
    const role = await TemplateRole.make({
      template,
      functionArn,
      parameters: parametersOf(template, { kmsKeyArn: key }),
    });
    const action = 'secretsmanager:GetSecretValue';
    expect(role.allows({ action, resource: secret, context: rotatedBy(functionArn) })).toBe(true);
    expect(role.allows({ action, resource: secret, context: rotatedBy(other) })).toBe(false);
    expect(role.allows({ action, resource: master })).toBe(false);
    expect(
      role.allows({
        action,
        resource: secret.replace('123456789012', '999999999999'),
        context: rotatedBy(functionArn),
      }),
    ).toBe(false);
    expect(role.allows({ action: 'secretsmanager:GetRandomPassword', resource: '*' })).toBe(false);
    expect(
      role.allows({
        action: 'kms:Decrypt',
        resource: key,
        context: { 'kms:viaservice': 'secretsmanager.us-east-1.amazonaws.com' },
      }),
    ).toBe(true);
    expect(role.allows({ action: 'kms:Decrypt', resource: key })).toBe(false);
    expect(
      role.allows({
        action: 'kms:Decrypt',
        resource: masterKey,
        context: { 'kms:viaservice': 'secretsmanager.us-east-1.amazonaws.com' },
      }),
    ).toBe(false);
    expect(role.allows({ action: 'rds:DescribeDBInstances', resource: '*' })).toBe(false);
    expect(role.allows({ action: 'iam:CreateAccessKey', resource: 'arn:aws:iam::123456789012:user/another' })).toBe(
      false,
    );
    const narrow = await TemplateRole.make({
      template,
      functionArn,
      parameters: parametersOf(template, { secretArns: secret }),
    });
    expect(narrow.allows({ action, resource: secret, context: rotatedBy(functionArn) })).toBe(true);
    expect(narrow.allows({ action, resource: master, context: rotatedBy(functionArn) })).toBe(false);
  });

  test.each(all.map(({ name }) => name))(
    '%s: Lambda may write the log, and join a VPC and trace only where the stack says so',
    async (template) => {
      const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
      const network = [
        'AssignPrivateIpAddresses',
        'CreateNetworkInterface',
        'DeleteNetworkInterface',
        'DescribeNetworkInterfaces',
        'DescribeSubnets',
        'UnassignPrivateIpAddresses',
      ].map((each) => `ec2:${each}`);
      const actionsWith = async (parameters: Readonly<Record<string, string>>): Promise<string[]> => {
        const role = await TemplateRole.make({ template, functionArn, parameters: parametersOf(template, parameters) });
        return role.lambdaStatements.flatMap(({ Action }) => Action).toSorted();
      };
      expect(await actionsWith({})).toEqual(logs);
      expect(await actionsWith({ vpcSubnetIds: 'subnet-1', vpcSecurityGroupIds: 'sg-1' })).toEqual([
        ...network,
        ...logs,
      ]);
      expect(await actionsWith({ tracing: 'Active' })).toEqual([
        ...logs,
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ]);
      const role = await TemplateRole.make({
        template,
        functionArn,
        parameters: parametersOf(template, { vpcSubnetIds: 'subnet-1', vpcSecurityGroupIds: 'sg-1' }),
      });
      const byLambda = { action: 'ec2:CreateNetworkInterface', resource: '*' };
      const byCode = { ...byLambda, context: { 'lambda:sourcefunctionarn': functionArn } };
      const together = [...role.lambdaStatements, ...role.statements];
      expect(allowedBy(together, byLambda)?.sid).toBe('JoinTheVpc');
      expect(allowedBy(together, byCode)).toBeUndefined();
    },
  );
});
