import { createHash, randomBytes } from 'node:crypto';
import { sha256Crypt } from '../../src/sha256-crypt.ts';
import { refuse } from './failure.ts';

const sha1 = (bytes: string | Buffer): Buffer => createHash('sha1').update(bytes).digest();

/** What mysql_native_password keeps of a password. */
function nativeVerifier(password: string): string {
  return password === '' ? '' : `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;
}

const known = new Map<string, string>();

/** Each takes thousands of rounds: the same one is computed once. */
function crypt(password: string, salt: string, rounds: number): string {
  const key = JSON.stringify([password, salt, rounds]);
  const digest = known.get(key) ?? sha256Crypt(password, salt, rounds);
  known.set(key, digest);
  return digest;
}

/** Any bytes but NUL and $, as the server makes them. */
function newSalt(): string {
  return [...randomBytes(20)]
    .map((byte) => String.fromCharCode([0, 0x24].includes(byte & 0x7f) ? 1 : byte & 0x7f))
    .join('');
}

/** What the plugin keeps of a password. */
export function verifierOf(plugin: string, password: string): string {
  if (password === '') return '';
  if (plugin === 'mysql_native_password') return nativeVerifier(password);
  const salt = newSalt();
  if (plugin === 'caching_sha2_password') return `$A$005$${salt}${crypt(password, salt, 5000)}`;
  if (plugin === 'sha256_password') return `$5$${salt}$${crypt(password, salt, 5000)}`;
  // Others keep what they are told.
  return password;
}

/** Whether the verifier was made of this password. */
export function isPassword(plugin: string, verifier: string, password: string): boolean {
  if (verifier === '' || password === '') return verifier === password;
  if (plugin === 'mysql_native_password') return verifier.toUpperCase() === nativeVerifier(password);
  if (plugin === 'caching_sha2_password') {
    const rounds = 1000 * Number.parseInt(verifier.slice(3, 6), 16);
    return verifier.slice(27) === crypt(password, verifier.slice(7, 27), rounds);
  }
  if (plugin === 'sha256_password') return verifier.slice(24) === crypt(password, verifier.slice(3, 23), 5000);
  return false;
}

const forms: Readonly<Record<string, RegExp>> = {
  mysql_native_password: /^\*[0-9A-F]{40}$/i,
  caching_sha2_password: /^\$A\$[0-9A-F]{3}\$[^$\0]{20}[./0-9A-Za-z]{43}$/s,
  sha256_password: /^\$5\$[^$\0]{20}\$[./0-9A-Za-z]{43}$/s,
};

/** Refuses what is no verifier of the plugin. */
export function checkVerifier(plugin: string, verifier: string): void {
  if (verifier !== '' && forms[plugin]?.test(verifier) === false) {
    refuse(1827, "The password hash doesn't have the expected format.");
  }
}

/** Whether the plugin keeps passwords in the account. */
export function isInternal(plugin: string): boolean {
  return plugin in forms;
}

/** Whether this is the right answer of mysql_native_password to the challenge. */
export function answersNative(verifier: string, challenge: Buffer, answer: Buffer): boolean {
  if (verifier === '') return answer.length === 0;
  const stored = Buffer.from(verifier.slice(1), 'hex');
  if (answer.length !== stored.length) return false;
  const mask = sha1(Buffer.concat([challenge, stored]));
  return sha1(Buffer.from(answer.map((byte, at) => byte ^ (mask[at] ?? 0)))).equals(stored);
}

/** The same of caching_sha2_password, which goes by what the server remembers of an earlier login. */
export function answersCached(remembered: Buffer, challenge: Buffer, answer: Buffer): boolean {
  if (answer.length !== 32) return false;
  const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  const mask = sha256(Buffer.concat([remembered, challenge]));
  return sha256(Buffer.from(answer.map((byte, at) => byte ^ (mask[at] ?? 0)))).equals(remembered);
}

/** What the server remembers of a password that it has seen. */
export function remembranceOf(password: string): Buffer {
  const once = createHash('sha256').update(password).digest();
  return createHash('sha256').update(once).digest();
}
