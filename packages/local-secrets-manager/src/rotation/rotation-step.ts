import { thrown } from '../functions/function-error.ts';
import type { RotationEvent } from '../functions/rotation-target.ts';
import { redacted } from '../timeline/redaction.ts';
import type { RotationRun } from './rotation-run.ts';
import type { RotationParts } from './rotation-service.ts';

export type Step = RotationEvent['Step'];

/** Invokes the function for one step and records it. @returns whether the function succeeded */
export async function runStep(
  { functions, timeline, clock, store }: RotationParts,
  run: RotationRun,
  step: Step,
  rotationToken: string,
): Promise<boolean> {
  const at = clock.now();
  const event: RotationEvent = {
    Step: step,
    SecretId: run.arn,
    ClientRequestToken: run.token,
    RotationToken: rotationToken,
  };
  const entry = { kind: 'step', at, secretId: run.arn, step, token: run.token };
  try {
    await functions.invoke(run.functionArn, event);
  } catch (error) {
    const { errorType, message } = thrown(error);
    // The message is the function's own, and functions put into it what they should not.
    const clean = { errorType: redacted(errorType, store.all()), errorMessage: redacted(message, store.all()) };
    timeline.record({ ...entry, outcome: 'error', durationMs: clock.now() - at, error: clean });
    return false;
  }
  timeline.record({ ...entry, outcome: 'ok', durationMs: clock.now() - at });
  return true;
}
