import { createHash, randomBytes } from 'node:crypto';

/** What SQL Server 2012 to 2022 keep of a password: version 2, four bytes of salt, SHA-512 of UTF-16 and salt. */
export function hashPassword(password: string, salt: Buffer = randomBytes(4)): string {
  const digest = createHash('sha512').update(password, 'utf16le').update(salt).digest('hex');
  return `0x0200${salt.toString('hex')}${digest}`.toUpperCase().replace('0X', '0x');
}

/** Whether a kept hash is of this password. */
export function isPassword(hash: string | undefined, password: string): boolean {
  return hash !== undefined && hashPassword(password, Buffer.from(hash.slice(6, 14), 'hex')) === hash;
}

/** Whether this is what {@link hashPassword} makes, of whatever password. */
export function isHash(hash: string): boolean {
  return /^0x0200[0-9A-F]{136}$/.test(hash);
}
