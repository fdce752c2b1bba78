import type { Password } from './password.ts';

/**
 * What a rotation needs of a service that makes its credentials itself, and of whose credentials one user
 * holds two at a time: API keys, access keys. One folder under `packages/services/` exports one of these.
 *
 * Every method rejects with a RotationError and nothing else: an SDK's error never leaves the folder. When
 * `signal` aborts, whatever a method waits for ends, and it rejects with `deadline-exceeded`. The errors that
 * any method may reject with are `service-denied`, naming the action and the resource, `service-throttled`,
 * `service-unreachable` and `service-failed`; more are named where they matter.
 */
export interface CredentialIssuer {
  /** For logs only; nothing branches on it. */
  readonly name: string;
  readonly keys: CredentialKeys;

  /**
   * Proves a credential by using it, and tells whose it is: the service's word, never the secret's. It changes
   * nothing, and however often it is refused, it locks nobody out.
   * @throws RotationError `login-failed` if the service does not accept the credential, as it may not yet;
   *   `invalid-secret` if it is one of a kind that cannot be rotated
   */
  prove(credential: IssuedCredential, signal: AbortSignal): Promise<CredentialOwner>;

  /**
   * Every credential that the owner holds, usable or not. The answer may be old: a new one may be missing, a
   * deleted one still there.
   * @throws RotationError `credential-unknown` if the service does not know this owner
   */
  list(owner: CredentialOwner, signal: AbortSignal): Promise<readonly CredentialListing[]>;

  /**
   * Makes one more credential for the owner. A repeat makes another one: it is called once, and where its answer is
   * lost, it rejects and does not try again.
   * @throws RotationError `credential-limit-reached` if the owner has as many as it may; nothing has been made then
   */
  create(owner: CredentialOwner, signal: AbortSignal): Promise<IssuedCredential>;

  /** Ends a credential for good. Succeeds if there is none of this id. */
  delete(owner: CredentialOwner, id: string, signal: AbortSignal): Promise<void>;

  /** Ends a credential so that it can be brought back, or brings it back. Succeeds if it is so, or if there is none of this id. */
  setActive(owner: CredentialOwner, id: string, active: boolean, signal: AbortSignal): Promise<void>;

  /** Whether anybody has used the credential, as far as the service knows yet. */
  wasUsed(owner: CredentialOwner, id: string, signal: AbortSignal): Promise<boolean>;
}

/** Where a secret's JSON holds a credential. */
export interface CredentialKeys {
  /** What names the credential at the service. */
  readonly id: string;
  /** What proves that one has it. */
  readonly secret: string;
  /** The user's name. The secret need not have this key; where it has, it must be right. */
  readonly user: string;
  /** Which ids there can be. */
  readonly idPattern: RegExp;
}

/** A credential that the service has made. */
export interface IssuedCredential {
  /** Not secret. */
  readonly id: string;
  readonly secret: Password;
}

/** Whose a credential is, as the service says. */
export interface CredentialOwner {
  /** The name that the service's calls take. */
  readonly user: string;
  /** What tells this user from every other, of other accounts too. Not secret. */
  readonly identity: string;
}

/** A credential as the service lists it. */
export interface CredentialListing {
  readonly id: string;
  /** Whether it can be used. */
  readonly active: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}
