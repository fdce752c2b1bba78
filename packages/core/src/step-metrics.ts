import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ErrorCode } from './errors.ts';
import type { Redactor } from './redact.ts';
import type { Step } from './rotation-event.ts';

/** How a step went. */
export interface StepOutcome {
  readonly step: Step;
  readonly secretId: string;
  readonly versionId: string;
  readonly durationMs: number;
  /** Absent where the step succeeded. */
  readonly code: ErrorCode | undefined;
}

/**
 * Writes a step's outcome and duration as one line of the CloudWatch embedded metric format: the metrics
 * Succeeded, Failed and Duration by Step in the namespace Keyturn; the secret and the error's code are properties.
 */
export function publishStepMetric(outcome: StepOutcome, redactor: Redactor): void {
  const metrics = new Metrics({ namespace: 'Keyturn', serviceName: 'keyturn' });
  metrics.addDimension('Step', outcome.step);
  metrics.addMetric('Succeeded', MetricUnit.Count, outcome.code === undefined ? 1 : 0);
  metrics.addMetric('Failed', MetricUnit.Count, outcome.code === undefined ? 0 : 1);
  metrics.addMetric('Duration', MetricUnit.Milliseconds, outcome.durationMs);
  metrics.addMetadata('secretId', outcome.secretId);
  metrics.addMetadata('versionId', outcome.versionId);
  if (outcome.code !== undefined) metrics.addMetadata('code', outcome.code);
  process.stdout.write(`${JSON.stringify(metrics.serializeMetrics(), redactor.replacer)}\n`);
}
