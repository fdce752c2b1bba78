import { oneArn, type Parameter } from './parameter.ts';
import { passwords, rotation } from './rotation-parameters.ts';
import { functionItself, outcome, roleParameters } from './stack-parameters.ts';
import type { StrategyFacts } from './strategies.ts';

/** What the parameters of a template depend on. */
export interface ParameterNeeds {
  readonly strategy: StrategyFacts;
  readonly timeoutSeconds: number;
  /** Whether the function calls IAM for users. */
  readonly iamUsers: boolean;
  readonly excludedCharacters: string | undefined;
}

/** The parameters of a template: first those that AWS's applications take, under their names, then what users ask for. */
export function parametersFor(needs: ParameterNeeds): readonly Parameter[] {
  const { strategy } = needs;
  return [
    ...inTheWayOfAws(needs),
    ...(strategy.master === 'none' ? [] : master(strategy)),
    ...(strategy.makesPasswords ? passwords(needs.excludedCharacters ?? '') : []),
    ...rotation(strategy),
    ...functionItself(needs.timeoutSeconds),
    ...roleParameters(needs.iamUsers),
    ...outcome,
  ];
}

function inTheWayOfAws({ strategy }: ParameterNeeds): Parameter[] {
  const group = 'The function and its network';
  return [
    {
      name: 'endpoint',
      group,
      default: '',
      pattern: '(https?://\\S+)?',
      variable: 'SECRETS_MANAGER_ENDPOINT',
      description: "The URL of Secrets Manager, with https://. Empty: the Region's own.",
    },
    {
      name: 'functionName',
      group,
      default: '',
      pattern: '[a-zA-Z0-9_-]{0,64}',
      description: 'The name of the function. Empty: CloudFormation makes one.',
    },
    {
      name: 'vpcSubnetIds',
      group,
      type: 'CommaDelimitedList',
      default: '',
      description:
        'Subnets for the function, with a way to Secrets Manager and to what it rotates. Empty: not in a VPC.',
    },
    {
      name: 'vpcSecurityGroupIds',
      group,
      type: 'CommaDelimitedList',
      default: '',
      description: 'Security groups of the function in its VPC.',
    },
    {
      name: 'kmsKeyArn',
      group: 'Keys',
      default: '',
      pattern: oneArn,
      description: 'The KMS key of the secret. Empty: aws/secretsmanager.',
    },
    ...(strategy.master === 'none'
      ? []
      : [
          {
            name: 'masterSecretKmsKeyArn',
            group: 'Keys',
            default: '',
            pattern: oneArn,
            description: 'The KMS key of the master secret. Empty: aws/secretsmanager.',
          },
          {
            name: 'superuserSecretKmsKeyArn',
            group: 'Keys',
            default: '',
            pattern: oneArn,
            description: 'Another name for masterSecretKmsKeyArn.',
          },
        ]),
  ];
}

function master(strategy: StrategyFacts): Parameter[] {
  const group = 'The master secret';
  const need = strategy.master === 'needed' ? 'Needed' : 'For passwordChangedBy=master';
  return [
    {
      name: 'masterSecretArn',
      group,
      default: '',
      pattern: oneArn,
      description: `${need}: the full ARN of the master secret. The function may read no other one.`,
    },
    {
      name: 'superuserSecretArn',
      group,
      default: '',
      pattern: oneArn,
      description: 'Another name for masterSecretArn.',
    },
    {
      name: 'masterHost',
      group,
      default: '',
      pattern: '\\S*',
      variable: 'MASTER_HOST',
      description: 'Where the user of a managed master secret logs in, if no service is to be asked.',
    },
    {
      name: 'masterPort',
      group,
      default: '',
      pattern: '[0-9]{0,5}',
      variable: 'MASTER_PORT',
      description: "The port there. Empty: the engine's own.",
    },
    {
      name: 'sameService',
      group,
      default: '',
      pattern: '\\S*',
      variable: 'SAME_SERVICE',
      description: 'Hosts that are one service, such as a proxy and its database: a=b;c=d.',
    },
  ];
}
