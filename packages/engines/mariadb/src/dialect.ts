import type { Dialect } from '@keyturn/driver-mysql2';
import { preventingOptions, serverErrors } from './server-errors.ts';

/** In what MariaDB differs from other servers of its protocol. */
export const dialect: Dialect = {
  server: 'MariaDB server',
  methods: ['mysql_native_password'],
  otherMethods: [
    'ed25519',
    'parsec',
    'auth_gssapi',
    'dialog',
    'mysql_old_password',
    'mysql_clear_password',
    'sha256_password',
    'caching_sha2_password',
  ],
  methodRemedy: 'Check that the user exists, and let its account authenticate by mysql_native_password.',
  errors: serverErrors,
  preventingOptions,
  // From there on they are MariaDB's own, and the driver has MySQL's names for them.
  driverNamesBelow: 1900,
  // The server tells an account that demands TLS from a wrong password only after the login.
  refusedWithoutTls:
    'Check that the password in the secret is the one that the database has; an account or a server that demands TLS (REQUIRE SSL, require_secure_transport) refuses "ssl": false with the same error.',
};
