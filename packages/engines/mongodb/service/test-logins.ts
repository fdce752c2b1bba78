import type { Login } from '@keyturn/core';
import { loginTo as loginToServer } from '@keyturn/engine-conformance';

/** A login to a server, verified, as a user of the database admin; `change` replaces what should be otherwise. */
export function loginTo(
  server: { readonly port: number; readonly ca: string },
  username: string,
  password: string,
  change: Partial<Login> = {},
): Login {
  return loginToServer(server, username, password, { database: 'admin', ...change });
}
