import { RotationError } from '@keyturn/core';
import type { RedisConnection } from './connection.ts';
import type { Reply } from './resp.ts';

/** What the server knows of a user. */
export interface User {
  readonly name: string;
  readonly isOn: boolean;
  /** Any password logs this user in. */
  readonly needsNoPassword: boolean;
  /** SHA-256 hashes of its passwords. */
  readonly hashes: readonly string[];
  /** Its commands, keys, channels and selectors, as one text. */
  readonly rules: string;
}

/**
 * Asks the server for a user.
 * @throws RotationError `invalid-secret` if it knows none of that name
 */
export async function readUser(connection: RedisConnection, name: string): Promise<User> {
  const reply = await connection.command(['ACL', 'GETUSER', name]);
  const { endpoint } = connection.where;
  if (reply === null) {
    throw new RotationError('invalid-secret', {
      message: 'the server does not know this user',
      endpoint,
      user: name,
      remedy: 'Create the user, or check username in the secret.',
    });
  }
  const fields = pairs(reply);
  const flags = texts(fields.get('flags'));
  if (flags.length === 0 || !fields.has('passwords')) {
    throw new RotationError('statement-failed', {
      message: 'the server answers ACL GETUSER in an unknown form',
      endpoint,
      user: name,
    });
  }
  const others = [...fields].filter(([field]) => field !== 'flags' && field !== 'passwords');
  return {
    name,
    isOn: flags.includes('on'),
    needsNoPassword: flags.includes('nopass'),
    hashes: texts(fields.get('passwords')),
    rules: JSON.stringify(others),
  };
}

/** A list of names and values by turns. */
function pairs(reply: Reply): ReadonlyMap<string, Reply> {
  const list = isList(reply) ? reply : [];
  return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1] ?? null]] : [])));
}

function texts(reply: Reply | undefined): readonly string[] {
  return reply !== undefined && isList(reply) ? reply.filter((one) => typeof one === 'string') : [];
}

function isList(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}
