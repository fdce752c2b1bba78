import { createHash, randomBytes } from 'node:crypto';
import type { Password } from '@keyturn/core';
import type { OwnMethod } from '@keyturn/driver-pg';
import { saltedHash } from './digests.ts';

/** Redshift's own authentication request (Redshift's JDBC driver, ConnectionFactoryImpl: AUTH_REQ_DIGEST). */
export const digestRequest = 13;

/** The one hash that Redshift's drivers know (AUTH_DIGEST_SHA256). */
const sha256 = 0;

/** Bytes of the client's nonce. Redshift's drivers send the time; any bytes do, and these nobody foresees. */
const nonceBytes = 16;

/** Much less than this: 32 bytes of salt, and a nonce. */
const longestPart = 1024;

/**
 * Proves a password that Redshift keeps as a SHA-256 digest: neither it nor the digest is sent, but a hash of the
 * digest and two nonces. The driver `pg` does not speak this.
 */
export const digestLogin: OwnMethod = {
  answer(challenge, password) {
    const parts = readChallenge(challenge);
    if (parts === undefined) return undefined;
    if (parts.algorithm !== sha256) {
      return { refused: `the server asked for a digest of the unknown kind ${parts.algorithm}` };
    }
    return proofMessage(password, parts.salt, parts.serverNonce, randomBytes(nonceBytes));
  },
};

/** The message that proves the password: `d`, its length, then the proof and the client's nonce, each after its length. */
export function proofMessage(password: Password, salt: Buffer, serverNonce: Buffer, clientNonce: Buffer): Buffer {
  const proof = createHash('sha256')
    .update(saltedHash(password, salt))
    .update(serverNonce)
    .update(clientNonce)
    .digest();
  const body = Buffer.concat([int32(proof.length), proof, int32(clientNonce.length), clientNonce]);
  return Buffer.concat([Buffer.from('d'), int32(4 + body.length), body]);
}

interface Challenge {
  readonly algorithm: number;
  readonly salt: Buffer;
  readonly serverNonce: Buffer;
}

/** A kind of digest, the salt and the server's nonce, the two after their lengths, and nothing else. */
function readChallenge(bytes: Buffer): Challenge | undefined {
  if (bytes.length < 4) return undefined;
  const salt = lengthened(bytes, 4);
  const serverNonce = salt === undefined ? undefined : lengthened(bytes, 8 + salt.length);
  if (salt === undefined || serverNonce === undefined) return undefined;
  const whole = 12 + salt.length + serverNonce.length;
  // Without a nonce of the server's, an old proof would do.
  if (bytes.length !== whole || serverNonce.length === 0) return undefined;
  return { algorithm: bytes.readInt32BE(0), salt, serverNonce };
}

function lengthened(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length < at + 4) return undefined;
  const length = bytes.readInt32BE(at);
  if (length < 0 || length > longestPart || bytes.length < at + 4 + length) return undefined;
  return bytes.subarray(at + 4, at + 4 + length);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
