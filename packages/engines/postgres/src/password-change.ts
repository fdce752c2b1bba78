import { type Password, quoted, RotationError } from '@keyturn/core';
import { codeOf, type PgConnection } from '@keyturn/driver-pg';
import { missingPrivilege } from './privileges.ts';
import { checkName, quoteName, quoteText } from './quoting.ts';
import { describeSession, type Session } from './session.ts';
import { statementError } from './statement-errors.ts';
import { md5Verifier, scramVerifier } from './verifier.ts';

/** How passwords go to the server. */
export interface PasswordForm {
  /** As they are, for servers whose password check must see them; the server's log may then hold them. */
  readonly plaintext: boolean;
}

/** The user gives itself a new password. */
export async function changeOwnPassword(connection: PgConnection, next: Password, form: PasswordForm): Promise<void> {
  const { username } = connection.login;
  const session = await describeSession(connection, username);
  if (!session.isOwn) {
    throw new RotationError('user-mismatch', {
      ...connection.where,
      message: 'the server runs this session as another user than the one that logged in',
      remedy: 'Put the endpoint of the server itself into host, not that of a proxy that maps users.',
    });
  }
  // Not by name: whatever encoding the database has, this is the role that logged in.
  await alter(connection, session, 'SESSION_USER', username, next, form);
}

/** An administrator gives a user a new password. */
export async function resetPassword(
  connection: PgConnection,
  username: string,
  next: Password,
  form: PasswordForm,
): Promise<void> {
  checkName(username, 'username');
  const session = await describeSession(connection, username);
  if (session.role === null) {
    throw new RotationError('statement-failed', {
      ...connection.where,
      message: `the server has no role ${quoted(username)}`,
      remedy: 'Check username in the secret.',
    });
  }
  await alter(connection, session, quoteName(session.role), username, next, form);
}

async function alter(
  connection: PgConnection,
  session: Session,
  role: string,
  username: string,
  next: Password,
  form: PasswordForm,
): Promise<void> {
  const stored = form.plaintext ? plaintext(next) : await verifier(session, username, next);
  // ALTER ROLE takes no parameters. In one message, all statements are one transaction, through a pooler too.
  const sql = [...session.preparations, `ALTER ROLE ${role} PASSWORD ${quoteText(stored)}`].join('; ');
  try {
    await connection.run(sql);
  } catch (error) {
    if (codeOf(error) === '42501') {
      throw missingPrivilege(connection.where, session.rights, username, session.isOwn, codeOf(error));
    }
    throw statementError(error, connection.where);
  }
}

/** The server takes what looks like a verifier for one, and would then let nobody in with it. */
function plaintext(next: Password): string {
  const text = next.reveal();
  if (/^(md5[0-9a-f]{32}$|SCRAM-SHA-256\$)/.test(text)) {
    throw new RotationError('password-not-accepted', { message: 'the password looks like a verifier of PostgreSQL' });
  }
  return text;
}

function verifier(session: Session, username: string, next: Password): Promise<string> | string {
  // "on", in settings that are older than SCRAM, means md5.
  return session.encryption === 'scram-sha-256' ? scramVerifier(next, session.iterations) : md5Verifier(next, username);
}
