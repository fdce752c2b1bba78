import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';

/** How often the double stretches a password. The server names the number; real ones say 4096. */
export const stretching = 64;

/** What the server keeps of a password: the verifier of 12c. */
export interface Verifier {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** @param salt in a rollover both verifiers have the same, so that one challenge serves both */
export function verifierOf(password: string, salt: Buffer = randomBytes(16)): Verifier {
  const key = pbkdf2Sync(
    Buffer.from(password, 'utf8'),
    Buffer.concat([salt, Buffer.from('AUTH_PBKDF2_SPEEDY_KEY')]),
    stretching,
    64,
    'sha512',
  );
  return { salt, hash: createHash('sha512').update(key).update(salt).digest().subarray(0, 32) };
}

export function verifies(verifier: Verifier | undefined, password: string): boolean {
  return verifier !== undefined && verifierOf(password, verifier.salt).hash.equals(verifier.hash);
}
