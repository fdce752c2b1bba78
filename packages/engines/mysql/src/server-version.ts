import { RotationError } from '@keyturn/core';
import type { MysqlConnection } from './connection.ts';

/** What a server can do, by its version. Each feature is named by what it lets the engine write. */
export interface ServerVersion {
  /** As messages name it: `5.6.24`. */
  readonly text: string;
  readonly atLeast: (version: string) => boolean;
}

/** The version that Aurora is at least compatible with, where VERSION() names Aurora's own in the third place. */
const auroraPatches: Readonly<Record<string, number>> = { '5.6': 10, '5.7': 12, '8.0': 23 };

/**
 * Reads what VERSION() answers: `8.0.36`, `5.7.44-rds.20240408-log`, `8.0.mysql_aurora.3.04.0`.
 * @throws RotationError `statement-failed` for a server that is no MySQL from 5.6 on
 */
export function versionOf(answer: string): ServerVersion {
  const [, major = '', minor = '', rest = ''] = /^(\d+)\.(\d+)\.(.*)$/s.exec(answer) ?? [];
  const patch = /^\d+/.exec(rest)?.[0] ?? auroraPatches[`${major}.${minor}`];
  const known = major !== '' && patch !== undefined && !/mariadb/i.test(answer);
  const numbers = [Number(major), Number(minor), Number(patch)];
  const atLeast = (version: string): boolean => {
    const wanted = version.split('.').map(Number);
    for (const [place, number] of numbers.entries()) {
      if (number !== (wanted[place] ?? 0)) return number > (wanted[place] ?? 0);
    }
    return true;
  };
  if (!known || !atLeast('5.6.0')) {
    throw new RotationError('statement-failed', {
      message: 'the server is no MySQL from 5.6 on',
      remedy: 'This engine is for MySQL 5.6 and later: check engine and host in the secret.',
    });
  }
  return { text: numbers.join('.'), atLeast };
}

const known = new WeakMap<MysqlConnection, ServerVersion>();

/** The version of the server behind the connection; asked for once. @throws RotationError as {@link versionOf} */
export async function serverVersion(connection: MysqlConnection): Promise<ServerVersion> {
  const found = known.get(connection);
  if (found !== undefined) return found;
  // Not what the greeting says: a proxy puts its own there.
  const [row] = await connection.query('SELECT VERSION() AS version');
  try {
    const version = versionOf(String(row?.version));
    known.set(connection, version);
    return version;
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    const { endpoint, user } = connection.where;
    throw error.with({ endpoint, user });
  }
}
