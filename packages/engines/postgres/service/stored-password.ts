import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const deriveKey = promisify(pbkdf2);

/** Whether `stored`, from pg_authid.rolpassword, is what PostgreSQL keeps of this password. */
export async function matchesStored(stored: string | null, username: string, password: string): Promise<boolean> {
  const scram = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(stored ?? '');
  if (scram === null) {
    return (
      stored ===
      `md5${createHash('md5')
        .update(password + username)
        .digest('hex')}`
    );
  }
  const [, iterations = '', salt = '', storedKey = ''] = scram;
  const salted = await deriveKey(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return createHash('sha256').update(clientKey).digest('base64') === storedKey;
}

/** A password that nobody else has. */
export function randomPassword(): string {
  // Letters and digits, so that password checks of the server take it.
  return `pw1-${randomBytes(18).toString('base64url')}`;
}
