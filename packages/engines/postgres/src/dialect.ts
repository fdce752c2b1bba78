import type { Dialect } from '@keyturn/driver-pg';
import { loginError } from './login-errors.ts';

/** What the driver must know of PostgreSQL. */
export const dialect: Dialect = {
  defaultDatabase: 'postgres',
  authentication: {
    accepts: ['cleartext', 'md5', 'scram-sha-256'],
    remedy: "Let the server's pg_hba.conf ask this user for scram-sha-256.",
  },
  loginError,
};
