import { RotationError } from './errors.ts';

/** Counts an invocation's logins, and stops before the refused ones could lock an account. */
export class LoginLimit {
  readonly #most: number;
  /** Logins tried in this invocation. */
  tried = 0;
  /** Logins refused in this invocation. */
  refused = 0;

  /** @param most the number of refused logins that an invocation may reach and never exceed */
  constructor(most: number) {
    this.#most = most;
  }

  get reached(): boolean {
    return this.refused >= this.#most;
  }

  /** How many more refusals are allowed. */
  get left(): number {
    return Math.max(0, this.#most - this.refused);
  }

  /** @throws RotationError `login-failed` if one more refusal would be too many */
  check(user: string, endpoint: string): void {
    if (!this.reached) return;
    throw new RotationError('login-failed', {
      message: `${this.refused} logins were refused, and no more are tried in one invocation, so that the account is not locked`,
      user,
      endpoint,
    });
  }
}

/** How many versions a process remembers as refused. */
const mostRemembered = 200;

/**
 * Versions whose password the service refused earlier in this process. They are tried last, so that the
 * invocations of a retried rotation get through more candidates than one invocation may.
 */
export class RefusedLogins {
  readonly #versions = new Set<string>();

  add(secretId: string, versionId: string): void {
    const oldest = this.#versions.values().next().value;
    if (this.#versions.size >= mostRemembered && oldest !== undefined) this.#versions.delete(oldest);
    this.#versions.add(`${secretId} ${versionId}`);
  }

  delete(secretId: string, versionId: string): void {
    this.#versions.delete(`${secretId} ${versionId}`);
  }

  has(secretId: string, versionId: string): boolean {
    return this.#versions.has(`${secretId} ${versionId}`);
  }
}
