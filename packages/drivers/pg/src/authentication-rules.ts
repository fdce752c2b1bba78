import type { Password } from '@keyturn/core';

/** Numbers of authentication requests (PostgreSQL manual, "Message Formats": Authentication…). */
export const request = {
  ok: 0,
  cleartext: 3,
  md5: 5,
  sasl: 10,
  saslContinue: 11,
  saslFinal: 12,
} as const;

/** Ways to prove a password that the driver speaks. Clear text is only ever sent inside TLS. */
export type KnownMethod = 'cleartext' | 'md5' | 'scram-sha-256';

/** Ways to prove a password that a product accepts. */
export interface AuthenticationRules {
  readonly accepts: readonly KnownMethod[];
  /** Ways that the driver does not speak and the product does, by the number of the request. */
  readonly own?: ReadonlyMap<number, OwnMethod>;
  /** Names of other requests, by their numbers. */
  readonly names?: Readonly<Record<number, string>>;
  /** What to do about a server that asks for anything else. */
  readonly remedy: string;
}

/** A way to prove a password that is spoken here, for the driver cannot. */
export interface OwnMethod {
  /**
   * @param challenge what the request says after its number
   * @returns the whole message to send; `refused` says why none is sent; undefined where the challenge is malformed
   */
  answer(challenge: Buffer, password: Password): Buffer | { readonly refused: string } | undefined;
}
