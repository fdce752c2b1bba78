import { oneArn, type Parameter } from './parameter.ts';

/** Of the Lambda function itself. */
export function functionItself(timeoutSeconds: number): Parameter[] {
  const group = 'The Lambda function';
  return [
    {
      name: 'runtime',
      group,
      default: 'nodejs24.x',
      allowed: ['nodejs24.x', 'nodejs22.x'],
      description: 'The newest Node runtime unless told otherwise.',
    },
    {
      name: 'architecture',
      group,
      default: 'arm64',
      allowed: ['arm64', 'x86_64'],
      description: 'The bundle runs on both.',
    },
    { name: 'memorySize', group, type: 'Number', default: 256, least: 128, most: 10_240, description: 'In MB.' },
    {
      name: 'timeout',
      group,
      type: 'Number',
      default: timeoutSeconds,
      least: 10,
      most: 900,
      description: 'In seconds. Every wait of the function is cut to fit.',
    },
    {
      name: 'reservedConcurrency',
      group,
      default: '',
      pattern: '[0-9]{0,4}',
      description: 'Reserved concurrent executions. Empty: none are reserved.',
    },
    {
      name: 'tracing',
      group,
      default: 'PassThrough',
      allowed: ['PassThrough', 'Active'],
      description: 'Active: AWS X-Ray.',
    },
    {
      name: 'logGroupName',
      group,
      default: '',
      pattern: '[.\\-_/#A-Za-z0-9]*',
      description: 'A log group that exists. Empty: the stack makes one.',
    },
    {
      name: 'logRetentionDays',
      group,
      type: 'Number',
      default: 90,
      allowed: [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
      ],
      description: 'How long the log is kept.',
    },
    {
      name: 'logKmsKeyArn',
      group,
      default: '',
      pattern: oneArn,
      description: "A KMS key for the log; its policy must let CloudWatch Logs use it. Empty: CloudWatch's own.",
    },
  ];
}

/** Of its role. @param iamUsers whether the function calls IAM for users */
export function roleParameters(iamUsers: boolean): Parameter[] {
  const group = 'The role';
  return [
    ...(iamUsers
      ? [
          {
            name: 'iamUserArns',
            group,
            type: 'CommaDelimitedList',
            description: 'Needed: the ARNs of the IAM users whose keys the function may list, make and delete.',
          } as const,
        ]
      : []),
    {
      name: 'secretArns',
      group,
      type: 'CommaDelimitedList',
      default: '',
      description:
        'The full ARNs of the secrets that the function may rotate. Empty: all that name it as their rotation function.',
    },
    {
      name: 'roleArn',
      group,
      default: '',
      pattern: oneArn,
      description: 'A role that exists, with the rights that the README lists. Empty: the stack makes one.',
    },
    {
      name: 'rolePath',
      group,
      default: '/',
      pattern: '/([!-~]*/)?',
      description: 'The path of the role that the stack makes.',
    },
    {
      name: 'permissionsBoundary',
      group,
      default: '',
      pattern: oneArn,
      description: 'The ARN of a permissions boundary for the roles that the stack makes.',
    },
  ];
}

/** Who is told of failures. */
export const outcome: readonly Parameter[] = [
  {
    name: 'failureTopicArn',
    group: 'Failures',
    default: '',
    pattern: oneArn,
    description:
      'An SNS topic that is told of failed and abandoned rotations, and of the alarm. Its policy must let events.amazonaws.com and cloudwatch.amazonaws.com publish.',
  },
  {
    name: 'failureEventBusArn',
    group: 'Failures',
    default: '',
    pattern: oneArn,
    description: 'An event bus that gets the events of failed and abandoned rotations.',
  },
];
