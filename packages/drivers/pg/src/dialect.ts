import type { Where } from '@keyturn/connection';
import type { Login, RotationError } from '@keyturn/core';
import type { AuthenticationRules } from './authentication-rules.ts';

/** How one product differs from the others that speak this protocol. */
export interface Dialect {
  /** Where the login names no database. The driver would take PGDATABASE or the user's name. */
  readonly defaultDatabase: string;
  readonly authentication: AuthenticationRules;
  /**
   * Says what the server's refusal of a login means.
   * @param error an answer of the server: `isServerAnswer` holds
   * @param asked the number of the request by which the server asked for the password; undefined where it asked for none
   */
  loginError(error: unknown, login: Login, where: Where, asked: number | undefined): RotationError;
}
