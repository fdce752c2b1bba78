import type { Dialect } from '@keyturn/driver-mysql2';
import { preventingOptions, serverErrors } from './server-errors.ts';
import { passwordPlugins } from './verifiers.ts';

/** In what MySQL differs from other servers of its protocol. */
export const dialect: Dialect = {
  server: 'MySQL server',
  methods: passwordPlugins,
  otherMethods: [
    'mysql_old_password',
    'mysql_clear_password',
    'authentication_ldap_sasl',
    'authentication_ldap_simple',
    'authentication_kerberos',
    'authentication_windows',
    'authentication_pam',
    'authentication_fido',
    'authentication_webauthn',
    'authentication_oci',
    'authentication_openid_connect',
  ],
  methodRemedy: `Check that the user exists, and let its account authenticate by ${passwordPlugins.join(', ')}.`,
  errors: serverErrors,
  preventingOptions,
  driverNamesBelow: Number.POSITIVE_INFINITY,
  // An account that demands TLS refuses the login like a wrong password.
  refusedWithoutTls:
    'Check that the password in the secret is the one that the database has; an account that demands TLS (REQUIRE SSL) refuses "ssl": false with the same error.',
  privileges: new Set([
    'SUPER',
    'CREATE USER',
    'GRANT OPTION',
    'RELOAD',
    'CREATE ROLE',
    'DROP ROLE',
    'APPLICATION_PASSWORD_ADMIN',
    'PASSWORDLESS_USER_ADMIN',
    'ROLE_ADMIN',
    'SET_USER_ID',
    'SET_ANY_DEFINER',
    'ALLOW_NONEXISTENT_DEFINER',
    'SYSTEM_USER',
  ]),
};
