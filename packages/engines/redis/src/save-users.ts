import { RotationError } from '@keyturn/core';
import type { RedisConnection } from './connection.ts';
import { Refusal } from './errors.ts';
import type { User } from './users.ts';

const advice =
  'Start the server with an ACL file (aclfile), or, if its users need not survive a restart, set the option saveUsers of the engine to false.';

/**
 * Makes the server write its users to its ACL file or, where it has none, to its configuration file. Without
 * that it would come back from a restart with the passwords of before.
 * @throws RotationError `missing-privilege`; `statement-failed` if the server has neither file, or cannot write it
 */
export async function saveUsers(connection: RedisConnection, user: User): Promise<void> {
  const save = ['ACL', 'SAVE'];
  const saved = await connection.ask(save);
  if (!(saved instanceof Refusal)) return;
  if (!/ not configured to use an ACL file/.test(saved.message)) throw connection.failure(saved, save);
  checkWritable(connection, user);
  const rewrite = ['CONFIG', 'REWRITE'];
  const rewritten = await connection.ask(rewrite);
  if (!(rewritten instanceof Refusal)) return;
  if (!/ without a config file/.test(rewritten.message)) throw connection.failure(rewritten, rewrite);
  throw new RotationError('statement-failed', {
    message:
      'the server has neither an ACL file nor a configuration file, so that it would forget a new password when it restarts',
    endpoint: connection.where.endpoint,
    user: user.name,
    remedy: advice,
    driverCode: 'ERR',
  });
}

/**
 * The server writes names and patterns to its configuration file as they are, and reads quotes there as
 * quotes: with one in them, it would write a file that it cannot start from.
 */
function checkWritable(connection: RedisConnection, { name, rules }: User): void {
  // In the text of the rules, JSON's own quotes stand without a backslash before them.
  if (!/["']/.test(name) && !/\\"|'/.test(rules)) return;
  throw new RotationError('statement-failed', {
    message:
      'the server keeps its users in its configuration file, which it could not read again with the quotes in the name or the patterns of this user',
    endpoint: connection.where.endpoint,
    user: name,
    remedy: 'Start the server with an ACL file (aclfile), where quotes do no harm.',
  });
}
