import { createHash, randomBytes } from 'node:crypto';
import { Password } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { sha256Crypt } from './sha256-crypt.ts';

/** The authentication plugins that keep a password, whose passwords the engine sets. */
export const passwordPlugins = ['mysql_native_password', 'caching_sha2_password', 'sha256_password'] as const;

export type PasswordPlugin = (typeof passwordPlugins)[number];

/** Narrows the name of a plugin to one of {@link passwordPlugins}. */
export function keepsPassword(plugin: string): plugin is PasswordPlugin {
  return (passwordPlugins as readonly string[]).includes(plugin);
}

const rounds = 5000;
const saltBytes = 20;

/**
 * What the plugin keeps of a password, as IDENTIFIED WITH … AS takes it: so that no log holds the password.
 * @see https://dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html
 */
export function verifierFor(plugin: PasswordPlugin, password: Password): string {
  if (plugin === 'mysql_native_password') return nativeHash(password);
  // Characters that need no escape anywhere; a salt may hold any but NUL and $.
  const salt = randomBytes(saltBytes).toString('base64url').slice(0, saltBytes);
  const digest = sha256Crypt(password.reveal(), salt, rounds);
  return plugin === 'caching_sha2_password' ? `$A$005$${salt}${digest}` : `$5$${salt}$${digest}`;
}

/** Verifiers of one password, one for each plugin: they take milliseconds to compute. */
export class Verifiers {
  readonly #password: Password;
  readonly #made = new Map<PasswordPlugin, string>();

  constructor(password: Password) {
    this.#password = password;
  }

  for(plugin: PasswordPlugin): string {
    const verifier = this.#made.get(plugin) ?? verifierFor(plugin, this.#password);
    this.#made.set(plugin, verifier);
    return verifier;
  }
}

/** Whether one of these was made of this password; equal ones are computed once. */
export function someVerifies(
  kept: readonly { readonly plugin: string; readonly verifier: string }[],
  password: Password,
): boolean {
  const different = new Map(kept.map((one) => [`${one.plugin} ${one.verifier}`, one]));
  return [...different.values()].some(({ plugin, verifier }) => verifies(plugin, verifier, password));
}

/** Whether the verifier was made of this password. */
export function verifies(plugin: string, verifier: string, password: Password): boolean {
  if (verifier === '') return false;
  if (plugin === 'mysql_native_password') return verifier.toUpperCase() === nativeHash(password);
  if (plugin === 'caching_sha2_password') {
    // caching_sha2_password_digest_rounds in thousands, in hex: 4095000 at most.
    const [, thousands = '', salt = '', digest = ''] =
      /^\$A\$([0-9A-F]{3})\$([\s\S]{20})(.{43})$/i.exec(verifier) ?? [];
    return digest !== '' && sha256Crypt(password.reveal(), salt, Number.parseInt(thousands, 16) * 1000) === digest;
  }
  if (plugin === 'sha256_password') {
    const [, salt = '', digest = ''] = /^\$5\$([\s\S]{20})\$(.{43})$/.exec(verifier) ?? [];
    return digest !== '' && sha256Crypt(password.reveal(), salt, rounds) === digest;
  }
  return false;
}

/**
 * A password that nobody uses: the one that an account has between its making and its first password. It shows
 * to a later run of the same rotation, which knows `password`, and to nobody else, who made the account.
 */
export function placeholderFor(password: Password): Password {
  return new Password(createHash('sha256').update('not yet\0').update(password.reveal()).digest('hex'));
}
