import { attribute, choose, given, type Part, ref, sub, type Value } from './cloudformation.ts';
import { strategies } from './strategies.ts';
import type { Template } from './template-facts.ts';

/** The condition on which a statement stands; undefined where it always does. */
interface Statement {
  readonly when?: string;
  readonly statement: Part;
}

/** What Lambda itself does as the role, and not the function: log, and join a VPC. It is needed before the function exists. */
export function lambdaStatements(): Value[] {
  return [
    {
      Sid: 'WriteTheLog',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: choose(
        given('logGroupName'),
        sub`arn:${'AWS::Partition'}:logs:${'AWS::Region'}:${'AWS::AccountId'}:log-group:${'logGroupName'}:*`,
        attribute('LogGroup', 'Arn'),
      ),
    },
    choose('HasVpc', {
      Sid: 'JoinTheVpc',
      Effect: 'Allow',
      Action: networkInterfaceActions,
      Resource: '*',
    }),
    choose('TracingIsActive', {
      Sid: 'SendTraces',
      Effect: 'Allow',
      Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      Resource: '*',
    }),
  ];
}

/** Source: "Giving Lambda functions access to resources in an Amazon VPC", Lambda developer guide. */
const networkInterfaceActions: readonly string[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** What the function does as the role. */
export function functionStatements(template: Template): Value[] {
  return statements(template).map(({ when, statement }) => (when === undefined ? statement : choose(when, statement)));
}

function statements(template: Template): Statement[] {
  const { name, asksRds = false, strategy, service } = template;
  const { master, makesPasswords } = strategies[strategy];
  const through = { StringEquals: { 'kms:ViaService': sub`secretsmanager.${'AWS::Region'}.${'AWS::URLSuffix'}` } };
  return [
    {
      statement: {
        Sid: 'RotateSecretsOfThisFunction',
        Effect: 'Allow',
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:ListSecretVersionIds',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: choose(
          given('secretArns'),
          ref('secretArns'),
          sub`arn:${'AWS::Partition'}:secretsmanager:${'AWS::Region'}:${'AWS::AccountId'}:secret:*`,
        ),
        Condition: { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': attribute(name, 'Arn') } },
      },
    },
    ...(makesPasswords
      ? [
          {
            when: 'PasswordsFromService',
            statement: {
              Sid: 'MakePasswords',
              Effect: 'Allow',
              Action: 'secretsmanager:GetRandomPassword',
              Resource: '*',
            },
          },
        ]
      : []),
    ...(master === 'none'
      ? []
      : [
          {
            when: 'HasMaster',
            statement: {
              Sid: 'ReadTheMasterSecret',
              Effect: 'Allow',
              Action: [...(asksRds ? ['secretsmanager:DescribeSecret'] : []), 'secretsmanager:GetSecretValue'],
              Resource: whereGiven('masterSecretArn', 'superuserSecretArn'),
            },
          },
        ]),
    {
      when: given('kmsKeyArn'),
      statement: {
        Sid: 'UseTheKeyOfTheSecret',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: ref('kmsKeyArn'),
        Condition: through,
      },
    },
    ...(master === 'none'
      ? []
      : [
          {
            when: 'HasMasterKey',
            statement: {
              Sid: 'UseTheKeyOfTheMasterSecret',
              Effect: 'Allow',
              Action: 'kms:Decrypt',
              Resource: whereGiven('masterSecretKmsKeyArn', 'superuserSecretKmsKeyArn'),
              Condition: through,
            },
          },
        ]),
    ...(asksRds ? [{ when: 'HasMaster', statement: rdsStatement }] : []),
    ...(service.iamUsers === true ? [{ statement: iamStatement }] : []),
    {
      when: 'HasVpc',
      statement: {
        // Lambda needs the rights, its code does not: see the Lambda developer guide, "Security best practices".
        Sid: 'KeepTheCodeFromTheVpc',
        Effect: 'Deny',
        Action: networkInterfaceActions,
        Resource: '*',
        Condition: { ArnEquals: { 'lambda:SourceFunctionArn': attribute(name, 'Arn') } },
      },
    },
  ];
}

/** The parameters that are given, as a list: AWS's newer name for the master secret stands beside the older one. */
function whereGiven(...parameters: readonly string[]): Value {
  return parameters.map((parameter) => choose(given(parameter), ref(parameter)));
}

const rdsStatement: Part = {
  Sid: 'FindTheServer',
  Effect: 'Allow',
  Action: ['rds:DescribeDBClusterEndpoints', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  Resource: '*',
};

const iamStatement: Part = {
  Sid: 'RotateTheKeysOfTheseUsers',
  Effect: 'Allow',
  Action: [
    'iam:CreateAccessKey',
    'iam:DeleteAccessKey',
    'iam:GetAccessKeyLastUsed',
    'iam:ListAccessKeys',
    'iam:UpdateAccessKey',
  ],
  Resource: ref('iamUserArns'),
};
