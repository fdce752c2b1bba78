import type { ConnectionOptions } from 'mysql2';
import { UnsupportedMethod } from './errors.ts';

/** The one method in which the password is never sent: only the answer to a challenge is. */
const spoken = 'mysql_native_password';

/**
 * The driver's authentication plugins: {@link spoken} as it comes, and every other name one that gives up.
 * A hostile server, or one in the middle of an unencrypted connection, could ask by mysql_clear_password
 * or sha256_password for the password itself, or by caching_sha2_password for the password encrypted with
 * a key that it made.
 */
export const authMethods: NonNullable<ConnectionOptions['authPlugins']> = new Proxy(
  {},
  {
    getOwnPropertyDescriptor: (_target, name) =>
      name === spoken ? undefined : { configurable: true, enumerable: true, writable: true, value: refusing(name) },
    get: (_target, name) => (name === spoken ? undefined : refusing(name)),
  },
);

function refusing(name: string | symbol): () => never {
  return () => {
    throw new UnsupportedMethod(String(name));
  };
}
