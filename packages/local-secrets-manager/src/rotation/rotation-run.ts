import type { RotationResult } from './rotation-settings.ts';

/** One rotation on its way, over all its attempts. */
export class RotationRun {
  readonly arn: string;
  readonly functionArn: string;
  readonly kind: 'rotation' | 'test';
  /** The ClientRequestToken of the call that started it. */
  readonly requestToken: string;
  /** The version of the current attempt. */
  token: string;
  attempt = 1;
  /** Set when someone ended it: no further step is called. */
  ended: 'abandoned' | 'cancelled' | undefined = undefined;
  /** Another rotation has begun meanwhile: this one is not retried. */
  superseded = false;
  readonly done: Promise<RotationResult>;
  readonly #settle: (result: RotationResult) => void;
  readonly #interrupt = new AbortController();

  constructor(arn: string, functionArn: string, kind: 'rotation' | 'test', token: string) {
    this.arn = arn;
    this.functionArn = functionArn;
    this.kind = kind;
    this.requestToken = token;
    this.token = token;
    const { promise, resolve } = Promise.withResolvers<RotationResult>();
    this.done = promise;
    this.#settle = resolve;
  }

  /** Aborts when the run is ended: its waits end too. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  end(how: 'abandoned' | 'cancelled'): void {
    this.ended ??= how;
    this.#interrupt.abort();
  }

  settle(outcome: RotationResult['outcome']): void {
    const { arn, kind, token, attempt } = this;
    this.#settle({ secretId: arn, kind, versionId: token, outcome, attempts: attempt });
  }
}
