import { createHash, randomBytes } from 'node:crypto';
import type { Password } from '@keyturn/core';

/** How Redshift keeps a password. Clients of PostgreSQL (libpq, psycopg2, pg) log in only where it is `md5`. */
export type PasswordDigest = 'md5' | 'sha256';

/** Bytes of a salt: Redshift Developer Guide, CREATE USER: "256-bit salt". */
const saltBytes = 32;

/**
 * What `PASSWORD` takes in place of the password itself (Redshift Developer Guide, CREATE USER). The password then
 * never leaves this process. Whoever reads a digest can log in with it.
 */
export function digestOf(password: Password, username: string, digest: PasswordDigest): string {
  return digest === 'md5' ? md5Digest(password, username) : sha256Digest(password, randomBytes(saltBytes));
}

/** `md5`, then the MD5 hash of the password and the user's name, in hex. */
export function md5Digest(password: Password, username: string): string {
  return `md5${createHash('md5').update(`${password.reveal()}${username}`, 'utf8').digest('hex')}`;
}

/** `sha256|`, then the hash of the password and the salt, then the salt, both in hex; hashed are the salt's bytes. */
export function sha256Digest(password: Password, salt: Buffer): string {
  return `sha256|${saltedHash(password, salt).toString('hex')}|${salt.toString('hex')}`;
}

/** SHA-256 of the password in UTF-8 and the salt's bytes (class ExtensibleDigest of Redshift's JDBC driver). */
export function saltedHash(password: Password, salt: Buffer): Buffer {
  return createHash('sha256').update(password.reveal(), 'utf8').update(salt).digest();
}

/** A digest that no password is known to have: nobody logs in with it. */
export function unknownDigest(): string {
  return `md5${randomBytes(16).toString('hex')}`;
}
