import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { authenticationRequest, int32 } from './messages.ts';

/** A question that only who has the password can answer. */
export interface Challenge {
  readonly request: Buffer;
  /** The type of the message that must answer it. */
  readonly answeredBy: 'p' | 'd';
  /** Whether the body of that message proves the password. */
  proves(answer: Buffer): boolean;
}

/**
 * Asks as the kept digest demands: by MD5 (request 5), or by Redshift's own request 13 where it is SHA-256.
 * A user without a password, or that there is not, is asked by MD5, too, and no answer is right.
 */
export function challengeFor(digest: string | null, username: string): Challenge {
  const [form, hash = '', salt = ''] = (digest ?? '').split('|');
  return form === 'sha256' ? sha256(Buffer.from(hash, 'hex'), Buffer.from(salt, 'hex')) : md5(digest, username);
}

function md5(digest: string | null, username: string): Challenge {
  const salt = randomBytes(4);
  const kept = digest?.slice(3) ?? randomBytes(16).toString('hex');
  const right = `md5${createHash('md5').update(kept).update(salt).digest('hex')}\0`;
  return {
    request: authenticationRequest(5, salt),
    answeredBy: 'p',
    proves: (answer) => username !== '' && same(answer, Buffer.from(right)),
  };
}

function sha256(kept: Buffer, salt: Buffer): Challenge {
  const nonce = randomBytes(16);
  return {
    request: authenticationRequest(13, Buffer.concat([int32(0), int32(salt.length), salt, int32(nonce.length), nonce])),
    answeredBy: 'd',
    proves(answer) {
      const proof = lengthened(answer, 0);
      const clientNonce = proof === undefined ? undefined : lengthened(answer, 4 + proof.length);
      if (proof === undefined || clientNonce === undefined) return false;
      if (answer.length !== 8 + proof.length + clientNonce.length || clientNonce.length === 0) return false;
      return same(proof, createHash('sha256').update(kept).update(nonce).update(clientNonce).digest());
    },
  };
}

function lengthened(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length < at + 4) return undefined;
  const length = bytes.readInt32BE(at);
  return length < 0 || bytes.length < at + 4 + length ? undefined : bytes.subarray(at + 4, at + 4 + length);
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
