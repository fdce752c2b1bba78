import type { Dialect } from '@keyturn/driver-pg';
import { digestLogin, digestRequest } from './digest-login.ts';
import { loginError } from './login-errors.ts';

/** What the driver must know of Redshift: PostgreSQL 8's ways, and a digest of its own. */
export const dialect: Dialect = {
  defaultDatabase: 'dev',
  authentication: {
    accepts: ['md5'],
    own: new Map([[digestRequest, digestLogin]]),
    names: { 14: 'a token of an identity provider' },
    remedy:
      'Rotate a database user that has a password: PASSWORD of CREATE USER, not DISABLE, IAM or an identity provider.',
  },
  loginError,
};
