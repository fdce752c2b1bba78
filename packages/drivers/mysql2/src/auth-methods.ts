import { createHash } from 'node:crypto';
import type { AuthPlugin, ConnectionOptions } from 'mysql2';
import { PasswordAskedInClear, UnsupportedMethod } from './errors.ts';

/**
 * A method by which an account proves its password, by the server's name for it. `mysql_native_password` sends
 * the answer to a challenge; the two others send the password itself where the server asks for it, and do so
 * over verified TLS only.
 */
export type AuthMethod = 'mysql_native_password' | 'caching_sha2_password' | 'sha256_password';

type Plugins = NonNullable<ConnectionOptions['authPlugins']>;

/**
 * The driver's authentication plugins: those of `methods`, and every other name one that gives up.
 *
 * A hostile server, or one in the middle of an unencrypted connection, could ask by mysql_clear_password or
 * sha256_password for the password itself, or by caching_sha2_password for the password encrypted with a key
 * that it made. So, whatever the method, without TLS nothing is sent that a server could read a password from.
 * @param encrypted whether verified TLS is on, asked at the moment of the login
 */
export function authMethodsOf(methods: readonly AuthMethod[], encrypted: () => boolean): Plugins {
  const own = (name: string | symbol): AuthPlugin | undefined => {
    // The driver's own, as it comes: it never sends the password.
    if (name === 'mysql_native_password' && methods.includes(name)) return undefined;
    if (name === 'caching_sha2_password' && methods.includes(name)) return cachingSha2(encrypted);
    if (name === 'sha256_password' && methods.includes(name)) return sha256(encrypted);
    return refusing(name);
  };
  return new Proxy(
    {},
    {
      getOwnPropertyDescriptor(_target, name) {
        const value = own(name);
        return value === undefined ? undefined : { configurable: true, enumerable: true, writable: true, value };
      },
      get: (_target, name) => own(name),
    },
  );
}

function refusing(name: string | symbol): () => never {
  return () => {
    throw new UnsupportedMethod(String(name));
  };
}

/** The driver's own where TLS is on; without it, the part that answers a challenge, and never the password. */
function cachingSha2(encrypted: () => boolean): AuthPlugin | undefined {
  if (encrypted()) return undefined;
  return ({ connection }) => {
    let answered = false;
    return (data) => {
      if (!answered) {
        answered = true;
        return challengeAnswer(passwordOf(connection), data.subarray(0, 20));
      }
      if (data.equals(fastAuthenticationIsDone)) return null;
      throw new PasswordAskedInClear();
    };
  };
}

function sha256(encrypted: () => boolean): AuthPlugin {
  return ({ connection }) =>
    () => {
      if (!encrypted()) throw new PasswordAskedInClear();
      return Buffer.from(`${passwordOf(connection)}\0`, 'utf8');
    };
}

const fastAuthenticationIsDone = Buffer.from([3]);

/** @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html */
function challengeAnswer(password: string, challenge: Buffer): Buffer {
  const hash = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
  const once = hash(password);
  const mask = hash(Buffer.concat([hash(once), challenge]));
  return Buffer.from(once.map((byte, at) => byte ^ (mask[at] ?? 0)));
}

function passwordOf(connection: unknown): string {
  return String((connection as { readonly config: { readonly password?: string } }).config.password ?? '');
}
