import { attribute, choose, given, type Part, ref } from './cloudformation.ts';

/**
 * An alarm on invocations that failed, and a rule on the service's own events of failed and abandoned rotations,
 * which also come where no invocation was.
 * @param functionId the function's logical id
 */
export function alarmAndRule(functionId: string): Record<string, Part> {
  return {
    FailureAlarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmDescription:
          'A step of a rotation failed. Secrets Manager tries again by itself; the log says what to do.',
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: ref(functionId) }],
        Statistic: 'Sum',
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: choose(given('failureTopicArn'), [ref('failureTopicArn')]),
      },
    },
    FailureRule: {
      Type: 'AWS::Events::Rule',
      Condition: 'TellsOfFailures',
      Properties: {
        Description: 'Failed and abandoned rotations',
        EventPattern: {
          source: ['aws.secretsmanager'],
          'detail-type': ['AWS Service Event via CloudTrail'],
          detail: {
            eventSource: ['secretsmanager.amazonaws.com'],
            eventName: ['RotationAbandoned', 'RotationFailed'],
            additionalEventData: choose(given('secretArns'), { SecretId: ref('secretArns') }),
          },
        },
        Targets: [
          choose(given('failureTopicArn'), { Id: 'FailureTopic', Arn: ref('failureTopicArn') }),
          choose(given('failureEventBusArn'), {
            Id: 'FailureEventBus',
            Arn: ref('failureEventBusArn'),
            RoleArn: attribute('FailureEventsRole', 'Arn'),
          }),
        ],
      },
    },
    FailureEventsRole: {
      Type: 'AWS::IAM::Role',
      Condition: given('failureEventBusArn'),
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Path: ref('rolePath'),
        PermissionsBoundary: choose(given('permissionsBoundary'), ref('permissionsBoundary')),
        Policies: [
          {
            PolicyName: 'PutEvents',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: ref('failureEventBusArn') }],
            },
          },
        ],
      },
    },
  };
}
