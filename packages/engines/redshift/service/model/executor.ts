import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { ServerError } from '../front/server-error.ts';
import type { Statement, UserOption } from '../grammar/statement.ts';
import { settingsOfUser } from './catalogue.ts';
import { alterDefaultPrivileges } from './default-privileges.ts';
import { grant } from './grants.ts';
import { groupRole, redshiftRole, textArray, userRole } from './names.ts';

/** What a statement runs on: the session of the PostgreSQL below. */
export interface Below {
  /** The user of Redshift's that acts. */
  readonly me: string;
  readonly isSuper: boolean;
  /** Runs SQL as that user. */
  run(sql: string): Promise<pg.QueryArrayResult>;
  /** Runs SQL with every right. */
  elevated(sql: string): Promise<readonly (readonly unknown[])[]>;
}

type UserStatement = Exclude<
  Statement,
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'set' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'query' }
>;

/** Carries out a statement about users, groups, roles and rights. @returns the tag of its completion */
export async function execute(statement: UserStatement, below: Below): Promise<string> {
  switch (statement.kind) {
    case 'create-user':
      await needSystem(below, 'CREATE USER', 'CreateUser');
      await createUser(statement.name, statement.options, below);
      return 'CREATE USER';
    case 'alter-user':
      await mayAlter(statement.name, statement.options, below);
      await alterUser(statement.name, statement.options, below);
      return 'ALTER USER';
    case 'drop-user':
      await needSystem(below, 'DROP USER', 'DropUser');
      await below.elevated(`DELETE FROM redshift_model.grants WHERE grantee = (${await oidOf(statement.name, below)})`);
      await below.elevated(`DROP ROLE ${userRole(statement.name)}`);
      return 'DROP USER';
    case 'create-group':
      needSuper(below, 'CREATE GROUP');
      await below.elevated(`CREATE ROLE ${groupRole(statement.name)} NOLOGIN`);
      await members(statement.name, true, statement.users, below);
      return 'CREATE GROUP';
    case 'alter-group':
      needSuper(below, 'ALTER GROUP');
      await members(statement.name, statement.adds, statement.users, below);
      return 'ALTER GROUP';
    case 'drop-group':
      needSuper(below, 'DROP GROUP');
      await below.elevated(`DROP ROLE ${groupRole(statement.name)}`);
      return 'DROP GROUP';
    case 'create-role':
      await needSystem(below, 'CREATE ROLE', 'CreateRole');
      await below.elevated(`CREATE ROLE ${redshiftRole(statement.name)} NOLOGIN`);
      await below.elevated(
        `ALTER ROLE ${redshiftRole(statement.name)} SET redshift_model.owner TO ${pg.escapeLiteral(below.me)}`,
      );
      return 'CREATE ROLE';
    case 'drop-role':
      await needSystem(below, 'DROP ROLE', 'DropRole');
      await below.elevated(`DROP ROLE ${redshiftRole(statement.name)}`);
      return 'DROP ROLE';
    case 'create-datashare':
      needSuper(below, 'CREATE DATASHARE');
      await below.elevated(
        `INSERT INTO redshift_model.datashares VALUES (${pg.escapeLiteral(statement.name)}, ${await oidOf(below.me, below)})`,
      );
      return 'CREATE DATASHARE';
    case 'attach-policy':
      needSuper(below, 'ATTACH POLICY');
      await below.elevated(
        `INSERT INTO redshift_model.grants VALUES ('${statement.masks ? 'MASK' : 'RLS'}', ${textArray(statement.table)}, ${pg.escapeLiteral(statement.policy)}, ${await oidOf(statement.user, below)}, false)`,
      );
      return 'ATTACH POLICY';
    case 'grant':
      return grant(statement, below);
    case 'default-privileges':
      return alterDefaultPrivileges(statement, below);
  }
}

/** @throws ServerError 42501 for who is no superuser */
export function needSuper({ isSuper }: Below, what: string): void {
  if (!isSuper) throw new ServerError('42501', `must be superuser to ${what}`, what.replaceAll(' ', ''));
}

async function needSystem(below: Below, privilege: string, routine: string): Promise<void> {
  if (below.isSuper) return;
  const [row] = await below.elevated(
    `SELECT FROM redshift_model.grants WHERE kind = 'SYSTEM' AND privilege = '${privilege}' AND pg_has_role(${pg.escapeLiteral(below.me)}, grantee, 'MEMBER')`,
  );
  if (row === undefined) throw new ServerError('42501', `must be superuser or have ${privilege}`, routine);
}

/** The number of a user, as SQL. @throws ServerError 42704 where there is none */
async function oidOf(name: string, below: Below): Promise<string> {
  const [row] = await below.elevated(
    `SELECT a.oid FROM pg_authid AS a ${settingsOfUser('a.oid')} WHERE rolname = ${pg.escapeLiteral(name)}`,
  );
  if (row === undefined) throw new ServerError('42704', `user "${name}" does not exist`, 'get_usesysid');
  return `${row[0]}::oid`;
}

async function mayAlter(name: string, options: readonly UserOption[], below: Below): Promise<void> {
  const oid = await oidOf(name, below);
  if (below.isSuper) return;
  const isOwnPassword = name === below.me && options.every(({ option }) => option === 'password');
  const [row] = await below.elevated(
    `SELECT rolsuper, redshift_model.setting(oid, 'digest') FROM pg_authid WHERE oid = ${oid}`,
  );
  if (
    isOwnPassword &&
    row?.[1] !== null &&
    options.every((each) => each.option !== 'password' || each.password !== null)
  )
    return;
  const makesSuper = options.some(({ option }) => option === 'createuser');
  if (row?.[0] === true || makesSuper)
    throw new ServerError('42501', 'must be superuser to alter superusers', 'AlterUser');
  await needSystem(below, 'ALTER USER', 'AlterUser');
}

async function createUser(name: string, options: readonly UserOption[], below: Below): Promise<void> {
  const [taken] = await below.elevated(`SELECT FROM pg_authid WHERE rolname = ${pg.escapeLiteral(name)}`);
  if (taken !== undefined) throw new ServerError('42710', `user "${name}" already exists`, 'CreateUser');
  await below.elevated(`CREATE ROLE ${userRole(name)} LOGIN`);
  await below.elevated(`ALTER ROLE ${userRole(name)} SET redshift_model.is_user TO 'on'`);
  await alterUser(name, options, below);
}

async function alterUser(name: string, options: readonly UserOption[], below: Below): Promise<void> {
  for (const option of options) {
    for (const sql of await optionSql(name, option, below)) await below.elevated(sql);
  }
}

async function optionSql(name: string, option: UserOption, below: Below): Promise<readonly string[]> {
  const role = userRole(name);
  const model = (key: string, value: string | null) =>
    `ALTER ROLE ${role} ${value === null ? `RESET redshift_model.${key}` : `SET redshift_model.${key} TO ${pg.escapeLiteral(value)}`}`;
  switch (option.option) {
    case 'password':
      if (option.password === null) await refuseForSuper(name, below);
      return [model('digest', option.password === null ? null : stored(option.password, name)), model('nologin', null)];
    case 'createdb':
      return [`ALTER ROLE ${role} ${option.on ? 'CREATEDB' : 'NOCREATEDB'}`];
    case 'createuser':
      needSuper(below, 'ALTER USER');
      return [`ALTER ROLE ${role} ${option.on ? 'SUPERUSER' : 'NOSUPERUSER'}`];
    case 'syslog':
      return [model('syslog', option.access === 'RESTRICTED' ? null : option.access)];
    case 'valid-until':
      return [`ALTER ROLE ${role} VALID UNTIL ${pg.escapeLiteral(option.until)}`];
    case 'connection-limit':
      return [`ALTER ROLE ${role} CONNECTION LIMIT ${option.limit}`];
    case 'session-timeout':
      return [model('timeout', option.seconds === 0 ? null : String(option.seconds))];
    case 'in-group':
      return option.groups.map((group) => `GRANT ${groupRole(group)} TO ${role}`);
    case 'nologin':
      return [model('nologin', 'on')];
    case 'set':
      return [
        `ALTER ROLE ${role} SET ${storedSetting(option.name)} TO ${option.values.map((value) => pg.escapeLiteral(value)).join(', ')}`,
      ];
    case 'reset':
      return [`ALTER ROLE ${role} RESET ${storedSetting(option.name)}`];
  }
}

async function refuseForSuper(name: string, below: Below): Promise<void> {
  const [row] = await below.elevated(`SELECT rolsuper FROM pg_authid WHERE rolname = ${pg.escapeLiteral(name)}`);
  if (row?.[0] === true) throw new ServerError('0A000', 'the password of a superuser cannot be disabled');
}

/** Settings that PostgreSQL has, too, are kept under their own names. */
function storedSetting(name: string): string {
  const shared = [
    'search_path',
    'statement_timeout',
    'datestyle',
    'timezone',
    'extra_float_digits',
    'application_name',
  ];
  return shared.includes(name) ? name : `redshift.${name}`;
}

/** What the server keeps of a password: it makes the digest of one that came in clear text. */
function stored(password: string, name: string): string {
  const [form, text = ''] = password.split('|');
  if (form === 'plain-md5')
    return `md5${createHash('md5')
      .update(text + name)
      .digest('hex')}`;
  if (form !== 'plain-sha256') return password;
  const salt = randomBytes(32);
  return `sha256|${createHash('sha256').update(text).update(salt).digest('hex')}|${salt.toString('hex')}`;
}

async function members(group: string, adds: boolean, users: readonly string[], below: Below): Promise<void> {
  for (const user of users) {
    await oidOf(user, below);
    await below.elevated(
      adds ? `GRANT ${groupRole(group)} TO ${userRole(user)}` : `REVOKE ${groupRole(group)} FROM ${userRole(user)}`,
    );
  }
}
