import { alterUser, createRole, createUser, dropUser, setDefaultRoles, setPassword } from './change-accounts.ts';
import { grant, grantProxy, grantRole, revoke, revokeAll, revokeProxy, revokeRole } from './change-grants.ts';
import type { AccountName } from './cursor.ts';
import { shown } from './database.ts';
import { refuse } from './failure.ts';
import { heldAt, needGlobal } from './rights.ts';
import { select } from './select.ts';
import type { Session } from './session.ts';
import { quotedAccount, shownAccount, shownGrants } from './show.ts';
import type { Statement } from './statement.ts';
import type { TableRow } from './system-tables.ts';

/** What a statement answers: rows with the names of their columns, or none. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** Runs a statement for a session; undefined where it has no rows. */
export function execute(session: Session, statement: Statement): Result | undefined {
  checkExpired(session, statement);
  if (isWrite(statement)) checkWritable(session);
  switch (statement.kind) {
    case 'select':
      return select(session, statement.parts);
    case 'show-grants':
      return showGrants(session, statement.account);
    case 'show-create-user':
      return showCreateUser(session, statement.account);
    case 'set-variable':
      return void setVariable(session, statement.global, statement.name, statement.value);
    case 'set-role':
      session.activeRoles = [...(session.account?.defaultRoles ?? [])];
      return undefined;
    case 'set-password':
      return void setPassword(session, statement);
    case 'create-database':
    case 'drop-database':
      return void changeDatabase(session, statement.kind, statement.name);
    case 'create-role':
      return void createRole(session, statement);
    case 'create-user':
      return void createUser(session, statement);
    case 'alter-user':
      return void alterUser(session, statement);
    case 'default-roles':
      return void setDefaultRoles(session, statement);
    case 'drop-user':
      return void dropUser(session, statement);
    case 'grant':
      return void grant(session, statement);
    case 'revoke':
      return void revoke(session, statement);
    case 'revoke-all':
      return void revokeAll(session, statement);
    case 'grant-proxy':
      return void grantProxy(session, statement);
    case 'revoke-proxy':
      return void revokeProxy(session, statement);
    case 'grant-role':
      return void grantRole(session, statement);
    case 'revoke-role':
      return void revokeRole(session, statement);
    case 'set-names':
    case 'sleep':
      return undefined;
  }
}

function isWrite({ kind }: Statement): boolean {
  return !['select', 'show-grants', 'show-create-user', 'set-variable', 'set-role', 'set-names', 'sleep'].includes(
    kind,
  );
}

function checkWritable(session: Session): void {
  const { readOnly, superReadOnly } = session.database.settings;
  if (session.isServer || (!readOnly && !superReadOnly)) return;
  if (!superReadOnly && heldAt(session, { kind: 'global' }).has('SUPER')) return;
  refuse(
    1290,
    `The MySQL server is running with the ${superReadOnly ? '--super-read-only' : '--read-only'} option so it cannot execute this statement`,
  );
}

/** Whose password has expired may change it, and nothing else. */
function checkExpired(session: Session, statement: Statement): void {
  if (session.account?.expired !== true) return;
  const own =
    statement.kind === 'set-password' || (statement.kind === 'alter-user' && statement.accounts[0]?.self === true);
  if (!own) refuse(1820, 'You must reset your password using ALTER USER statement before executing this statement.');
}

function named(session: Session, account: AccountName | undefined) {
  const name = account ?? session.name;
  const found = name === undefined ? undefined : session.database.find(name);
  return found ?? refuse(1141, `There is no such grant defined for user '${name?.user}' on host '${name?.host}'`);
}

function showGrants(session: Session, account: AccountName | undefined): Result {
  const found = named(session, account);
  needSelectOnMysql(session, found);
  const column = `Grants for ${found.user}@${found.host}`;
  return {
    columns: [column],
    rows: shownGrants(found, session.database.version).map((line) => ({ [column]: line })),
  };
}

function showCreateUser(session: Session, account: AccountName | undefined): Result {
  const found = named(session, account);
  needSelectOnMysql(session, found);
  const maySee = session.isServer || heldAt(session, { kind: 'database', database: 'mysql' }).has('SELECT');
  const column = `CREATE USER for ${quotedAccount(found)}`;
  const line = shownAccount(found, session.database.version, !maySee);
  return { columns: [column], rows: [{ [column]: line }] };
}

function needSelectOnMysql(session: Session, account: AccountName): void {
  if (session.isServer || session.isSelf(account)) return;
  if (heldAt(session, { kind: 'database', database: 'mysql' }).has('SELECT')) return;
  refuse(1044, `Access denied for user ${shown(session.name ?? account)} to database 'mysql'`);
}

function changeDatabase(session: Session, kind: 'create-database' | 'drop-database', name: string): void {
  const { databases } = session.database.objects;
  const [right, makes] = kind === 'create-database' ? (['CREATE', true] as const) : (['DROP', false] as const);
  if (!session.isServer && !heldAt(session, { kind: 'database', database: name }).has(right)) {
    refuse(1044, `Access denied for user ${shown(session.name ?? { user: '', host: '' })} to database '${name}'`);
  }
  if (makes && databases.has(name)) refuse(1007, `Can't create database '${name}'; database exists`);
  if (!makes && !databases.has(name)) refuse(1008, `Can't drop database '${name}'; database doesn't exist`);
  if (makes) databases.add(name);
  else databases.delete(name);
}

const modes: readonly string[] = ['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'NO_AUTO_CREATE_USER', 'STRICT_TRANS_TABLES'];

function setVariable(session: Session, global: boolean, name: string, value: string): void {
  const { settings, version } = session.database;
  if (!global) {
    if (name === 'sql_quote_show_create' && value === '1') return;
    if (name !== 'sql_mode') refuse(1193, `Unknown system variable '${name}'`);
    const wanted = value.split(',').filter((mode) => mode !== '');
    const known = modes.filter((mode) => mode !== 'NO_AUTO_CREATE_USER' || !version.isAtLeast('8.0.11'));
    const wrong = wanted.find((mode) => !known.includes(mode.toUpperCase()));
    if (wrong !== undefined) refuse(1231, `Variable 'sql_mode' can't be set to the value of '${wrong}'`);
    session.sqlMode = new Set(wanted.map((mode) => mode.toUpperCase()));
    return;
  }
  needGlobal(session, 'SUPER', 'SYSTEM_VARIABLES_ADMIN');
  const on = ['1', 'ON'].includes(value.toUpperCase());
  switch (name) {
    case 'partial_revokes':
      if (!version.isAtLeast('8.0.16')) break;
      settings.partialRevokes = on;
      return;
    case 'require_secure_transport':
      settings.requireSecureTransport = on;
      return;
    case 'password_require_current':
      if (!version.isAtLeast('8.0.13')) break;
      settings.passwordRequireCurrent = on;
      return;
    case 'read_only':
      settings.readOnly = on;
      return;
    case 'super_read_only':
      settings.superReadOnly = on;
      return;
    case 'offline_mode':
      settings.offlineMode = on;
      return;
    case 'max_connections':
      settings.maxConnections = Number(value);
      return;
    case 'validate_password_length':
      settings.validatePasswordLength = Number(value);
      return;
    case 'mandatory_roles':
      if (!version.hasRoles) break;
      settings.mandatoryRoles = value;
      return;
  }
  refuse(1193, `Unknown system variable '${name}'`);
}
