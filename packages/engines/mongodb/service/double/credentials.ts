import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** The two mechanisms that the server keeps credentials for. */
export const mechanisms = ['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;
export type Mechanism = (typeof mechanisms)[number];

/** What the server keeps in place of a password. */
export interface Credential {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The fewest that the server's parameter can be set to: tests log in thousands of times. */
const iterations = 5000;

export const algorithms = {
  'SCRAM-SHA-1': { name: 'sha1', saltBytes: 16, keyBytes: 20 },
  'SCRAM-SHA-256': { name: 'sha256', saltBytes: 28, keyBytes: 32 },
} as const;

/** Written without a look at the engine's own, so that a fault in that does not go unseen. */
export function credentialOf(mechanism: Mechanism, user: string, password: string, salt?: Buffer): Credential {
  const { name, saltBytes, keyBytes } = algorithms[mechanism];
  const used = salt ?? randomBytes(saltBytes);
  const text =
    mechanism === 'SCRAM-SHA-1'
      ? createHash('md5').update(`${user}:mongo:${password}`, 'utf8').digest('hex')
      : password.normalize('NFKC');
  const salted = pbkdf2Sync(text, used, iterations, keyBytes, name);
  const key = (label: string) => createHmac(name, salted).update(label).digest();
  const storedKey = createHash(name).update(key('Client Key')).digest();
  return { salt: used, iterations, storedKey, serverKey: key('Server Key') };
}

/** What was found out: tests ask for the same thousands of times. */
const known = new Map<string, boolean>();

/** Whether this is the credential of this password. */
export function isCredentialOf(credential: Credential, mechanism: Mechanism, user: string, password: string): boolean {
  const question = JSON.stringify([mechanism, user, password, credential.salt, credential.storedKey]);
  const answer =
    known.get(question) ??
    timingSafeEqual(credentialOf(mechanism, user, password, credential.salt).storedKey, credential.storedKey);
  known.set(question, answer);
  return answer;
}
