import type { RotationEntry, RotationEventName } from '../timeline/entries.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** What an event tells of a rotation. */
export interface LoggedRotation {
  readonly arn: string;
  readonly token: string;
  readonly functionArn: string;
  readonly attempt: number;
}

/** Records one of the service's rotation events (fact 29). */
export function logRotation(
  timeline: Timeline,
  { arn, token, functionArn, attempt }: LoggedRotation,
  event: RotationEventName,
  errorMessage?: string,
): void {
  const entry: Omit<RotationEntry, 'at'> = {
    kind: 'rotation',
    event,
    eventType: 'AwsServiceEvent',
    secretId: arn,
    versionId: token,
    functionArn,
    attempt,
    ...(errorMessage === undefined ? {} : { errorMessage }),
  };
  timeline.record({ ...entry });
}
