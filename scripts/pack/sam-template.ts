import { attribute, choose, given, noValue, type Part, ref, type Value } from './cloudformation.ts';
import { alarmAndRule } from './failures.ts';
import type { Parameter } from './parameter.ts';
import { parametersFor } from './parameters.ts';
import { functionStatements, lambdaStatements } from './role-policy.ts';
import { strategies } from './strategies.ts';
import type { Template } from './template-facts.ts';

/** Where the built bundle lies, seen from the template. */
export const codeUri = 'dist/function.zip';

/** The parameters of a template. */
export function templateParameters({ strategy, timeoutSeconds = 60, service }: Template): readonly Parameter[] {
  return parametersFor({
    strategy: strategies[strategy],
    timeoutSeconds,
    iamUsers: service.iamUsers === true,
    excludedCharacters: service.excludedCharacters,
  });
}

/** What the function is for, in one sentence. */
export function descriptionOf({ rotates, strategy }: Template): string {
  return `Rotates ${rotates}: ${strategies[strategy].sentence}.`;
}

/** The template as CloudFormation's JSON. @param version of the application, such as 0.1.0 */
export function samTemplate(template: Template, version: string): Part {
  const parameters = templateParameters(template);
  const { name } = template;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description: descriptionOf(template),
    Metadata: {
      'AWS::ServerlessRepo::Application': {
        Name: name,
        Description: descriptionOf(template),
        Author: 'keyturn',
        SpdxLicenseId: 'Apache-2.0',
        LicenseUrl: '../../LICENSE',
        ReadmeUrl: 'README.md',
        Labels: ['secretsmanager', 'rotation', 'security'],
        SemanticVersion: version,
      },
      'AWS::CloudFormation::Interface': { ParameterGroups: groupsOf(parameters) },
    },
    Parameters: Object.fromEntries(parameters.map((parameter) => [parameter.name, declaration(parameter)])),
    Conditions: conditionsFor(parameters),
    Resources: {
      [name]: rotationFunction(template, parameters),
      [`${name}Role`]: role(),
      RotationPolicy: {
        Type: 'AWS::IAM::Policy',
        Condition: 'MakesRole',
        Properties: {
          PolicyName: 'Rotation',
          Roles: [ref(`${name}Role`)],
          PolicyDocument: { Version: '2012-10-17', Statement: functionStatements(template) },
        },
      },
      LogGroup: {
        Type: 'AWS::Logs::LogGroup',
        Condition: 'MakesLogGroup',
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          RetentionInDays: ref('logRetentionDays'),
          KmsKeyId: choose(given('logKmsKeyArn'), ref('logKmsKeyArn')),
        },
      },
      InvokePermission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: attribute(name, 'Arn'),
          Action: 'lambda:InvokeFunction',
          Principal: 'secretsmanager.amazonaws.com',
          SourceAccount: ref('AWS::AccountId'),
        },
      },
      ...alarmAndRule(name),
    },
    Outputs: {
      RotationLambdaARN: {
        Description: 'For RotateSecret, and for RotationLambdaARN of AWS::SecretsManager::RotationSchedule.',
        Value: attribute(name, 'Arn'),
      },
      LogGroupName: {
        Description: 'The log of the function.',
        Value: choose('MakesLogGroup', ref('LogGroup'), ref('logGroupName')),
      },
    },
  };
}

function rotationFunction(template: Template, parameters: readonly Parameter[]): Part {
  const { name } = template;
  const variables: Record<string, Value> = {};
  for (const { name: parameter, variable, default: byDefault } of parameters) {
    if (variable === undefined) continue;
    variables[variable] = byDefault === '' ? choose(given(parameter), ref(parameter)) : ref(parameter);
  }
  if (strategies[template.strategy].master !== 'none') {
    // AWS's newer name for the parameter counts where both are given.
    const either = choose(given('superuserSecretArn'), ref('superuserSecretArn'), ref('masterSecretArn'));
    variables.MASTER_SECRET_ARN = choose('HasMaster', either);
  }
  return {
    Type: 'AWS::Serverless::Function',
    // The checker puts the default of roleArn, which is empty, in its place, and forgets the condition.
    Metadata: { 'cfn-lint': { config: { ignore_checks: ['E3031'] } } },
    Properties: {
      FunctionName: choose(given('functionName'), ref('functionName')),
      Description: descriptionOf(template),
      CodeUri: codeUri,
      Handler: 'index.handler',
      Runtime: ref('runtime'),
      Architectures: [ref('architecture')],
      MemorySize: ref('memorySize'),
      Timeout: ref('timeout'),
      Role: choose('MakesRole', attribute(`${name}Role`, 'Arn'), ref('roleArn')),
      ReservedConcurrentExecutions: choose(given('reservedConcurrency'), ref('reservedConcurrency')),
      Tracing: ref('tracing'),
      LoggingConfig: { LogGroup: choose('MakesLogGroup', ref('LogGroup'), ref('logGroupName')) },
      VpcConfig: choose('HasVpc', { SubnetIds: ref('vpcSubnetIds'), SecurityGroupIds: ref('vpcSecurityGroupIds') }),
      Environment: { Variables: variables },
      // AWS's functions have this tag too, and people look for it.
      Tags: { SecretsManagerLambda: 'Rotation' },
    },
  };
}

function role(): Part {
  return {
    Type: 'AWS::IAM::Role',
    Condition: 'MakesRole',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Path: ref('rolePath'),
      PermissionsBoundary: choose(given('permissionsBoundary'), ref('permissionsBoundary')),
      Policies: [{ PolicyName: 'Lambda', PolicyDocument: { Version: '2012-10-17', Statement: lambdaStatements() } }],
    },
  };
}

function declaration({ type = 'String', ...parameter }: Parameter): Part {
  return {
    Type: type,
    Description: parameter.description,
    ...(parameter.default === undefined ? {} : { Default: parameter.default }),
    ...(parameter.allowed === undefined ? {} : { AllowedValues: parameter.allowed }),
    ...(parameter.pattern === undefined ? {} : { AllowedPattern: `^${parameter.pattern}$` }),
    ...(parameter.least === undefined ? {} : { MinValue: parameter.least }),
    ...(parameter.most === undefined ? {} : { MaxValue: parameter.most }),
  };
}

function groupsOf(parameters: readonly Parameter[]): Part[] {
  const groups = Map.groupBy(parameters, ({ group }) => group);
  return [...groups].map(([label, members]) => ({
    Label: { default: label },
    Parameters: members.map(({ name }) => name),
  }));
}

function conditionsFor(parameters: readonly Parameter[]): Part {
  const conditions: Record<string, Value> = {};
  const plain = parameters.filter((parameter) => parameter.default === '' && parameter.name !== 'vpcSecurityGroupIds');
  for (const { name, type } of plain) {
    const value: Value = type === 'CommaDelimitedList' ? { 'Fn::Join': ['', ref(name)] } : ref(name);
    conditions[given(name)] = { 'Fn::Not': [{ 'Fn::Equals': [value, ''] }] };
  }
  const has = (name: string) => parameters.some((parameter) => parameter.name === name);
  const either = (one: string, other: string): Value => ({
    'Fn::Or': [{ Condition: given(one) }, { Condition: given(other) }],
  });
  const { HasVpcSubnetIds, HasRoleArn, HasLogGroupName, ...others } = conditions;
  return {
    ...others,
    HasLogGroupName: HasLogGroupName ?? noValue,
    HasVpc: HasVpcSubnetIds ?? noValue,
    MakesLogGroup: { 'Fn::Equals': [ref('logGroupName'), ''] },
    MakesRole: { 'Fn::Equals': [ref('roleArn'), ''] },
    TracingIsActive: { 'Fn::Equals': [ref('tracing'), 'Active'] },
    TellsOfFailures: either('failureTopicArn', 'failureEventBusArn'),
    ...(has('masterSecretArn')
      ? {
          HasMaster: either('masterSecretArn', 'superuserSecretArn'),
          HasMasterKey: either('masterSecretKmsKeyArn', 'superuserSecretKmsKeyArn'),
        }
      : {}),
    ...(has('passwordSource')
      ? { PasswordsFromService: { 'Fn::Equals': [ref('passwordSource'), 'get-random-password'] } }
      : {}),
  };
}
