import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, LogQueryWidget, SingleValueWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { RotationFunction } from './rotation-function.ts';
import type { RotationMonitor } from './rotation-monitor.ts';

/** How a dashboard is called. */
export interface DashboardOptions {
  /**
   * The name of the dashboard.
   * @default - CloudFormation makes one
   */
  readonly dashboardName?: string;
}

/** What one wants to see of rotations, the newest events last. */
export function rotationDashboard(
  fn: RotationFunction,
  monitor: RotationMonitor,
  { dashboardName }: DashboardOptions,
): Dashboard {
  const hour = Duration.hours(1);
  const ended = (['RotationSucceeded', 'RotationFailed', 'RotationAbandoned'] as const).map((name) =>
    monitor.metric(name, hour),
  );
  return new Dashboard(fn, 'Dashboard', {
    dashboardName,
    defaultInterval: Duration.days(30),
    widgets: [
      [
        new GraphWidget({ title: 'Rotations', left: ended, width: 18 }),
        new SingleValueWidget({ title: 'Overdue', metrics: [monitor.metric('OverdueRotations', hour)], width: 6 }),
      ],
      [
        new GraphWidget({
          title: 'Steps',
          left: [fn.metricInvocations({ period: hour }), fn.metricErrors({ period: hour })],
        }),
        new GraphWidget({
          title: 'Duration of a step',
          left: ['p50', 'p99', 'Maximum'].map((statistic) => fn.metricDuration({ period: hour, statistic })),
        }),
        new GraphWidget({ title: 'Throttled', left: [fn.metricThrottles({ period: hour })] }),
      ],
      [
        new LogQueryWidget({
          title: 'Steps that failed',
          logGroupNames: [fn.logGroup.logGroupName],
          queryLines: [
            'fields @timestamp, secretId, step, code, endpoint, user, remedy',
            'filter message = "step-failed"',
            'sort @timestamp desc',
            'limit 20',
          ],
          width: 24,
        }),
      ],
    ],
  });
}
