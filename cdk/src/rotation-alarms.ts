import { Duration } from 'aws-cdk-lib';
import { type Alarm, type AlarmProps, MathExpression, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { RotationFunction } from './rotation-function.ts';
import type { RotationMonitor } from './rotation-monitor.ts';

/** Who is told of an alarm. */
export interface AlarmOptions {
  /**
   * Gets a message when the alarm goes off, and when it is over.
   * @default - nobody is told; the alarm that is returned takes other actions
   */
  readonly topic?: ITopic;
}

/** The same, for rotations that are overdue. */
export interface OverdueAlarmOptions extends AlarmOptions {
  /**
   * How long after the end of its window a rotation may come. Secrets Manager itself tries a failed one again. Whole hours.
   * @default Duration.hours(24)
   */
  readonly tolerance?: Duration;
}

/** On invocations that failed. */
export function alarmOnErrors(fn: RotationFunction, options: AlarmOptions): Alarm {
  return alarm(fn, 'ErrorsAlarm', options, fn.metricErrors({ period: Duration.minutes(5) }), {
    alarmDescription: `A step of a rotation by ${fn.functionName} failed. Secrets Manager tries again by itself; the log says what to do.`,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** On events of the service. */
export function alarmOnFailures(fn: RotationFunction, monitor: RotationMonitor, options: AlarmOptions): Alarm {
  const both = new MathExpression({
    expression: 'FILL(failed, 0) + FILL(abandoned, 0)',
    usingMetrics: { failed: monitor.metric('RotationFailed'), abandoned: monitor.metric('RotationAbandoned') },
    label: 'Failed and abandoned rotations',
    period: Duration.minutes(5),
  });
  return alarm(fn, 'FailedRotationsAlarm', options, both, {
    alarmDescription: `A rotation by ${fn.functionName} failed or was abandoned. The log says what to do.`,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** On what the dates of the secrets say. */
export function alarmOnOverdue(fn: RotationFunction, monitor: RotationMonitor, options: OverdueAlarmOptions): Alarm {
  const { tolerance = Duration.hours(24) } = options;
  monitor.lambda.addEnvironment('TOLERANCE_HOURS', String(tolerance.toHours()));
  return alarm(fn, 'OverdueRotationsAlarm', options, monitor.metric('OverdueRotations', Duration.hours(1)), {
    alarmDescription: `A secret of ${fn.functionName} should have been rotated, or its rotation is off. The log of the monitor says which.`,
    // Nobody looks any more.
    treatMissingData: TreatMissingData.BREACHING,
  });
}

function alarm(
  fn: RotationFunction,
  id: string,
  { topic }: AlarmOptions,
  metric: Metric | MathExpression,
  props: Pick<AlarmProps, 'alarmDescription' | 'treatMissingData'>,
): Alarm {
  const made = metric.createAlarm(fn, id, { ...props, threshold: 1, evaluationPeriods: 1 });
  if (topic !== undefined) {
    made.addAlarmAction(new SnsAction(topic));
    made.addOkAction(new SnsAction(topic));
  }
  return made;
}
