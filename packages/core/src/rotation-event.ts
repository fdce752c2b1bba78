import * as v from 'valibot';
import { quoted, RotationError } from './errors.ts';

/** The four steps of a rotation, spelled as Secrets Manager sends them. */
export const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type Step = (typeof steps)[number];

/** The event that Secrets Manager invokes a rotation function with. */
export interface RotationEvent {
  readonly Step: Step;
  /** The ARN of the secret. */
  readonly SecretId: string;
  /** The id of the version that this rotation makes. */
  readonly ClientRequestToken: string;
  /** Passed on to PutSecretValue: needed where the function works through an assumed role or in another account. */
  readonly RotationToken?: string | undefined;
}

const text = v.pipe(v.string('is not a string'), v.minLength(1, 'is empty'), v.maxLength(2048, 'is too long'));
const eventSchema = v.object(
  {
    Step: text,
    SecretId: text,
    ClientRequestToken: text,
    RotationToken: v.optional(text),
  },
  'is missing',
);

/**
 * Reads an invocation's event.
 * @throws RotationError `invalid-event`, naming every missing or wrong field; `unknown-step`.
 */
export function parseEvent(event: unknown): RotationEvent {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new RotationError('invalid-event', { message: 'the event is not an object' });
  }
  const result = v.safeParse(eventSchema, event);
  if (!result.success) {
    const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'event'} ${issue.message}`);
    throw new RotationError('invalid-event', { message: `the event is not a rotation's: ${faults.join(', ')}` });
  }
  const { Step } = result.output;
  if (!isStep(Step)) {
    throw new RotationError('unknown-step', { message: `the event names the step ${quoted(Step)}` });
  }
  return { ...result.output, Step };
}

function isStep(name: string): name is Step {
  return (steps as readonly string[]).includes(name);
}
