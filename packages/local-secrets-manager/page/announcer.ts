import type { StepEntry } from '../src/timeline/entries.ts';
import { duration } from './format.ts';
import type { Model } from './model.ts';
import { secretIdOf } from './timeline-line.ts';

const events: Readonly<Record<string, string>> = {
  RotationStarted: 'The rotation has started.',
  RotationSucceeded: 'The rotation has succeeded.',
  RotationFailed: 'The rotation has failed.',
  RotationAbandoned: 'The rotation was abandoned.',
  TestRotationStarted: 'The test of the rotation has started.',
  TestRotationSucceeded: 'The test of the rotation has succeeded.',
  TestRotationFailed: 'The test of the rotation has failed.',
};

/** What a screen reader says of the last change: how the rotation of the secret that is looked at gets on. */
export function progressOf({ secret, news }: Model): string {
  if (secret === undefined) return '';
  const sentences = news.flatMap((entry) => {
    if (secretIdOf(entry) !== secret.arn) return [];
    if (entry.kind === 'step') return [stepSentence(entry)];
    return entry.kind === 'rotation' ? [events[entry.event] ?? ''] : [];
  });
  return sentences.join(' ');
}

function stepSentence({ step, outcome, durationMs }: StepEntry): string {
  return outcome === 'ok' ? `${step} is done, in ${duration(durationMs)}.` : `${step} has failed.`;
}
