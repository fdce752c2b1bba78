import type { ConnectLimits, Login } from '@keyturn/core';
import { openConnection } from '@keyturn/driver-mysql2';
import type { MysqlConnection } from './connection.ts';
import { dialect } from './dialect.ts';
import { checkUsername } from './quoting.ts';

/**
 * Logs in.
 * @throws RotationError; see the README for the causes
 */
export async function connect(login: Login, limits: ConnectLimits): Promise<MysqlConnection> {
  checkUsername(login.username);
  return openConnection(login, limits, dialect);
}
