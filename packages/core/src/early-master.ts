import { RotationError } from './errors.ts';
import type { Rotation } from './rotation.ts';
import { AWSCURRENT } from './secret-versions.ts';
import type { SecretVersion } from './secrets-manager.ts';

/** Of how many secrets a process remembers the master secret. */
const mostRemembered = 100;

/**
 * The master secret, read at the same time as the secret itself: createSecret has seen which one it is, and has
 * mostly run in the same process. That takes one round trip off setSecret. For strategies that read it before AWSCURRENT
 * has logged in anyway. Nothing is done with it that would not be done with one read later: another master secret that
 * AWSCURRENT names by then is read as ever.
 */
export class EarlyMaster {
  #read: { readonly arn: string; readonly version: SecretVersion } | undefined;

  /** Notes for the next step which one it is. */
  static remember(arn: string, { event, memory }: Rotation): void {
    const { masterArns } = memory;
    if (masterArns.size >= mostRemembered) masterArns.clear();
    masterArns.set(event.SecretId, arn);
  }

  /** Reads it, where it is known. A failure is told by whoever needs it, and reads again. */
  async read({ event, manager, memory }: Rotation): Promise<void> {
    const arn = memory.masterArns.get(event.SecretId);
    if (arn === undefined) return;
    try {
      this.#read = { arn, version: await manager.getValue(arn, { label: AWSCURRENT }) };
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
    }
  }

  /** What was read, once: whoever asks again wants to see what has changed since. */
  take(arn: string): SecretVersion | undefined {
    const read = this.#read;
    this.#read = undefined;
    return read?.arn === arn ? read.version : undefined;
  }
}
