import { hash } from 'node:crypto';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** In which order, and by threes, the bytes of the digest are written. */
const order: readonly (readonly [number, number, number])[] = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
];

/**
 * The digest of SHA256-crypt, 43 characters, by which caching_sha2_password and sha256_password keep a
 * password. MySQL's salts have 20 bytes, where other systems cut them at 16.
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt
 */
export function sha256Crypt(password: string, salt: string, rounds: number): string {
  const secret = Buffer.from(password, 'utf8');
  const grain = Buffer.from(salt, 'latin1');
  const alternate = sha256(secret, grain, secret);
  const parts: Buffer[] = [secret, grain, repeated(alternate, secret.length)];
  for (let length = secret.length; length > 0; length >>= 1) parts.push((length & 1) === 1 ? alternate : secret);
  let digest = sha256(...parts);
  const p = repeated(sha256(...Array.from({ length: secret.length }, () => secret)), secret.length);
  const s = repeated(sha256(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => grain)), grain.length);
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    const inner: Buffer[] = [odd ? p : digest];
    if (round % 3 !== 0) inner.push(s);
    if (round % 7 !== 0) inner.push(p);
    inner.push(odd ? digest : p);
    digest = sha256(...inner);
  }
  const byte = (at: number): number => digest[at] ?? 0;
  const whole = order.map(([a, b, c]) => written((byte(a) << 16) | (byte(b) << 8) | byte(c), 4)).join('');
  return whole + written((byte(31) << 8) | byte(30), 3);
}

function written(bits: number, characters: number): string {
  let text = '';
  for (let rest = bits; text.length < characters; rest >>>= 6) text += alphabet[rest & 0x3f];
  return text;
}

function sha256(...parts: readonly Buffer[]): Buffer {
  // At once: thousands of these are one digest, and an object for each takes longer than the hash.
  return hash('sha256', parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), 'buffer');
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}
