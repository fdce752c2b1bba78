import { randomUUID } from 'node:crypto';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { CallCounter } from '../faults/fault-plan.ts';

/** What an action of the page answers. */
interface ActionReply {
  readonly status: number;
  /** JSON: the service's own answer or error. */
  readonly body: string;
}

/** What the page can do besides looking. `input` is whatever came over the wire. */
export type PageAction = (input: Record<string, unknown>, signal: AbortSignal) => Promise<ActionReply>;

/**
 * The actions by the last part of their path. They are calls of the API like anybody's, checked and recorded
 * in the timeline under the caller `page`.
 * @param reattempt tries an incomplete rotation again; throws where none waits for it
 */
export function pageActions(
  dispatcher: Dispatcher,
  reattempt: (secretId: string) => void,
): ReadonlyMap<string, PageAction> {
  const counter = new CallCounter();
  const call = async (operation: string, input: unknown, signal: AbortSignal): Promise<ActionReply> => {
    const { status, body } = await dispatcher.handle({
      target: `secretsmanager.${operation}`,
      body: JSON.stringify(input),
      caller: 'page',
      functionName: undefined,
      door: { hook: undefined, counter },
      signal,
    });
    return { status, body };
  };
  return new Map<string, PageAction>([
    [
      'rotate',
      ({ secretId, functionArn }, signal) =>
        call(
          'RotateSecret',
          { SecretId: secretId, RotationLambdaARN: functionArn, ClientRequestToken: randomUUID() },
          signal,
        ),
    ],
    [
      'value',
      ({ secretId, versionId }, signal) => call('GetSecretValue', { SecretId: secretId, VersionId: versionId }, signal),
    ],
    [
      'reattempt',
      async ({ secretId }) => {
        try {
          reattempt(String(secretId));
          return { status: 200, body: '{}' };
        } catch {
          // Somebody else was faster, or the secret is gone: what the page shows next says which.
          return { status: 409, body: JSON.stringify({ message: 'No incomplete rotation waits to be tried again.' }) };
        }
      },
    ],
  ]);
}
