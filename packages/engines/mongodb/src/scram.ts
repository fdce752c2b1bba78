import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Password } from '@keyturn/core';
import { NotMongodb } from './errors.ts';

const derive = promisify(pbkdf2);

/** The two mechanisms with which a MongoDB user logs in with a password. */
export type Mechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-1';

/** RFC 7677 demands the least; beyond the most, a server could keep the function busy until its time is up. */
const iterationsAllowed = { least: 4096, most: 10_000_000 };

const hashes = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-1': { name: 'sha1', bytes: 20 },
} as const;

/**
 * The client's side of one SCRAM login (RFC 5802, RFC 7677), and the server's proof checked. The driver's own
 * is not used: it keeps passwords in a cache of the process, takes any nonce, and escapes only the first `,`
 * and `=` of a user name.
 */
export class Scram {
  readonly mechanism: Mechanism;
  /** What the client says first; nothing in it depends on the password. */
  readonly first: Buffer;
  readonly #username: string;
  readonly #bare: string;
  readonly #nonce: string;
  #serverSignature: Buffer | undefined;

  constructor(mechanism: Mechanism, username: string, nonce: string = randomBytes(24).toString('base64')) {
    this.mechanism = mechanism;
    this.#username = username;
    this.#nonce = nonce;
    this.#bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
    this.first = Buffer.from(`n,,${this.#bare}`);
  }

  /**
   * The client's proof.
   * @throws NotMongodb if the server does not do its part as the mechanism demands
   */
  async final(serverFirst: Buffer, password: Password): Promise<Buffer> {
    const { r: nonce = '', s: salt = '', i = '' } = fieldsOf(serverFirst);
    const iterations = /^\d{1,9}$/.test(i) ? Number(i) : 0;
    const { least, most } = iterationsAllowed;
    const sound = nonce.startsWith(this.#nonce) && nonce.length > this.#nonce.length && salt !== '';
    if (!sound || iterations < least || iterations > most) throw new NotMongodb();
    const { name, bytes } = hashes[this.mechanism];
    const salted = await derive(this.#secret(password), Buffer.from(salt, 'base64'), iterations, bytes, name);
    const clientKey = this.#hmac(salted, 'Client Key');
    const storedKey = createHash(name).update(clientKey).digest();
    // The client offers no channel binding: biws is "n,,".
    const withoutProof = `c=biws,r=${nonce}`;
    const said = `${this.#bare},${serverFirst.toString('utf8')},${withoutProof}`;
    this.#serverSignature = this.#hmac(this.#hmac(salted, 'Server Key'), said);
    const signature = this.#hmac(storedKey, said);
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  }

  /** Checks that the server knows the password, too. @throws NotMongodb */
  verify(serverFinal: Buffer): void {
    const signature = Buffer.from(fieldsOf(serverFinal).v ?? '', 'base64');
    const expected = this.#serverSignature;
    if (expected === undefined || signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new NotMongodb();
    }
  }

  /** SCRAM-SHA-1 of MongoDB starts from the digest of its older mechanism. */
  #secret(password: Password): string {
    const text = password.reveal();
    if (this.mechanism === 'SCRAM-SHA-256') return prepared(text);
    return createHash('md5').update(`${this.#username}:mongo:${text}`).digest('hex');
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(hashes[this.mechanism].name, key).update(text).digest();
  }
}

/**
 * SASLprep (RFC 4013), without its prohibitions: the server has not accepted a password that it prohibits.
 */
function prepared(text: string): string {
  return text
    .replaceAll(/[\u00ad\u1806\u200b\u2060\ufeff]|\u034f|\u180b|\u180c|\u180d|\u200c|\u200d|[\ufe00-\ufe0f]/g, '')
    .replaceAll(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .normalize('NFKC');
}

function fieldsOf(message: Buffer): Readonly<Partial<Record<string, string>>> {
  const pairs = message
    .toString('utf8')
    .split(',')
    .map((part) => [part.slice(0, 1), part.slice(2)]);
  return Object.fromEntries(pairs);
}
