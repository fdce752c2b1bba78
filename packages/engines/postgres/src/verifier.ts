import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type Password, RotationError } from '@keyturn/core';

const deriveKey = promisify(pbkdf2);

/** PostgreSQL's own default; RFC 7677 demands at least this many. */
const defaultIterations = 4096;

/**
 * What PostgreSQL stores for a SCRAM-SHA-256 login (RFC 5802, RFC 7677; PostgreSQL manual, pg_authid).
 * The server takes it in place of the password, which then never leaves this process.
 * @param iterations the server's scram_iterations @default - 4096
 * @throws RotationError `password-not-accepted` for characters outside printable ASCII
 */
export async function scramVerifier(
  password: Password,
  iterations: number = defaultIterations,
  salt: Buffer = randomBytes(16),
): Promise<string> {
  const text = password.reveal();
  // SASLprep leaves printable ASCII as it is, and only that: other text would need its tables here.
  if (!/^[\x20-\x7e]+$/.test(text)) {
    throw new RotationError('password-not-accepted', {
      message: 'the password holds characters outside printable ASCII',
    });
  }
  const salted = await deriveKey(text, salt, iterations, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/**
 * What PostgreSQL stores where password_encryption is md5. Whoever reads it can log in with it: only for
 * servers that are still set so.
 */
export function md5Verifier(password: Password, username: string): string {
  return `md5${createHash('md5').update(`${password.reveal()}${username}`, 'utf8').digest('hex')}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'ascii').digest();
}
