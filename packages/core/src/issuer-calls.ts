import type { CredentialIssuer, CredentialListing, CredentialOwner, IssuedCredential } from './credential-issuer.ts';
import { type ErrorCode, hasCode, RotationError } from './errors.ts';
import type { Rotation } from './rotation.ts';

/** First pause between two asks; each next one is twice as long, up to the longest. In milliseconds. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * One invocation's calls to a service that issues credentials: counted, and ended by the invocation's time.
 * The service is eventually consistent, so what must become true is asked for again, for a bounded time.
 */
export class IssuerCalls {
  /** Calls of the issuer so far in this invocation. */
  calls = 0;
  readonly #issuer: CredentialIssuer;
  readonly #rotation: Rotation;

  constructor(issuer: CredentialIssuer, rotation: Rotation) {
    this.#issuer = issuer;
    this.#rotation = rotation;
  }

  /**
   * Proves a credential within `waitMs`, and tells whose it is.
   * @throws RotationError `login-failed` if it is refused to the end; `deadline-exceeded` if the invocation ends first
   */
  async prove(credential: IssuedCredential, label: string, waitMs: number): Promise<CredentialOwner> {
    const { logins, log } = this.#rotation;
    let asked = 0;
    const ask = async () => {
      asked += 1;
      logins.tried += 1;
      try {
        return await this.#call('prove a credential', (signal) => this.#issuer.prove(credential, signal));
      } catch (error) {
        if (hasCode(error, 'login-failed')) logins.refused += 1;
        throw error;
      }
    };
    try {
      const owner = await this.#until(ask, 'login-failed', waitMs, `wait until the service accepts ${label}`);
      log.info('credential-accepted', { user: owner.user, with: label, credentialId: credential.id, asked });
      return owner;
    } catch (error) {
      if (error instanceof RotationError) throw this.#notAccepted(error, asked, waitMs).with({ stage: label });
      throw error;
    }
  }

  /**
   * The owner's credentials, with the one among them that must be there and usable. Asked for again within `waitMs`.
   * @throws RotationError `credential-unknown`
   */
  list(owner: CredentialOwner, id: string, waitMs: number, label: string): Promise<readonly CredentialListing[]> {
    const ask = async () => {
      const listed = await this.#call('list credentials', (signal) => this.#issuer.list(owner, signal));
      if (!listed.some((each) => each.id === id && each.active)) {
        throw new RotationError('credential-unknown', {
          message: `the service lists no usable credential ${id} for this user`,
          user: owner.user,
          stage: label,
        });
      }
      return listed;
    };
    return this.#until(ask, 'credential-unknown', waitMs, 'wait until the service lists the credential');
  }

  /** Makes a credential. A refusal for the sake of the limit is asked again within `waitMs`: a deletion may show late. */
  async create(owner: CredentialOwner, waitMs: number): Promise<IssuedCredential> {
    const ask = () => this.#call('create a credential', (signal) => this.#issuer.create(owner, signal));
    const created = await this.#until(ask, 'credential-limit-reached', waitMs, 'wait until a deletion takes effect');
    // Before anything else can fail, and quote it.
    this.#rotation.redactor.protect(created.secret.reveal());
    return created;
  }

  delete(owner: CredentialOwner, id: string): Promise<void> {
    return this.#call('delete a credential', (signal) => this.#issuer.delete(owner, id, signal));
  }

  setActive(owner: CredentialOwner, id: string, active: boolean): Promise<void> {
    return this.#call('change a credential', (signal) => this.#issuer.setActive(owner, id, active, signal));
  }

  wasUsed(owner: CredentialOwner, id: string): Promise<boolean> {
    return this.#call('ask for the use of a credential', (signal) => this.#issuer.wasUsed(owner, id, signal));
  }

  #call<T>(what: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { deadline } = this.#rotation;
    deadline.check(what);
    this.calls += 1;
    return send(deadline.signal);
  }

  /** Asks again while the answer is this refusal, in growing pauses, the last time when `waitMs` is over. */
  async #until<T>(ask: () => Promise<T>, refusal: ErrorCode, waitMs: number, why: string): Promise<T> {
    const end = performance.now() + waitMs;
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        return await ask();
      } catch (error) {
        const left = end - performance.now();
        if (!hasCode(error, refusal) || left <= 0) throw error;
        await this.#rotation.deadline.sleep(Math.min(pause, left), why);
      }
    }
  }

  #notAccepted(error: RotationError, asked: number, waitMs: number): RotationError {
    if (error.code !== 'login-failed' || asked < 2) return error;
    return new RotationError('login-failed', {
      ...error.details,
      message: `the service refused the credential ${asked} times within ${waitMs} ms: ${error.details.message}`,
    });
  }
}
