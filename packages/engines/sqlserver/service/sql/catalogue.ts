import { isSysadmin, userIn } from '../model/authority.ts';
import type { DatabaseState } from '../model/server-state.ts';
import { currentDatabase, currentLogin, type Session } from '../model/session.ts';
import { SqlError } from '../model/sql-error.ts';
import { databaseViews } from './database-views.ts';
import { serverViews } from './server-views.ts';
import { hex, type View, type Wanted } from './view.ts';

/** The view of this name: `sys.x`, or `database.sys.x`. @throws SqlError as a server that does not have it, or does not show it */
export function viewOf(session: Session, path: readonly string[], wanted: Wanted): View {
  const [schema, name] = path.slice(-2);
  const prefix = path.length > 2 ? path[0] : undefined;
  if (path.join('.').toLowerCase() === 'msdb.dbo.sysjobs') return jobs(session);
  const database = prefix === undefined ? currentDatabase(session) : databaseToRead(session, prefix);
  const found = serverViews[name?.toLowerCase() ?? ''] ?? databaseViews[name?.toLowerCase() ?? ''];
  if (path.length < 2 || path.length > 3 || schema?.toLowerCase() !== 'sys' || found === undefined) {
    throw new SqlError(208, `Invalid object name '${path.join('.')}'.`);
  }
  return { columns: found.columns, rows: found.rows(session, database, wanted) };
}

function databaseToRead(session: Session, name: string): DatabaseState {
  const found = session.state.databases.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new SqlError(208, `Invalid object name '${name}'.`);
  if (found.state !== 'ONLINE')
    throw new SqlError(942, `Database '${name}' cannot be opened because it is offline.`, 14);
  if (userIn(session, found) === undefined) {
    throw new SqlError(
      916,
      `The server principal is not able to access the database "${name}" under the current security context.`,
      14,
    );
  }
  return found;
}

function jobs(session: Session): View {
  const login = currentLogin(session);
  if (login === undefined || !isSysadmin(session, login.id)) {
    throw new SqlError(
      229,
      "The SELECT permission was denied on the object 'sysjobs', database 'msdb', schema 'dbo'.",
      14,
      5,
    );
  }
  return {
    columns: ['name', 'owner_sid'],
    rows: session.state.jobs.map(({ name, ownerSid }) => ({ name, owner_sid: hex(ownerSid) })),
  };
}
