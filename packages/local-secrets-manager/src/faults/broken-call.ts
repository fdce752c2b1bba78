/** A call that ends without an answer because the connection broke, as a client sees it. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
  /** As Node's own sockets report it, so that clients retry as they would. */
  readonly code = 'ECONNRESET';

  constructor() {
    super('socket hang up');
  }
}

/** A promise that only ever rejects, with the signal's reason. */
export function frozen(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
