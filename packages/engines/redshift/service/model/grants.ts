import pg from 'pg';
import { ServerError } from '../front/server-error.ts';
import type { Granted, GrantStatement } from '../grammar/statement.ts';
import { type Below, needSuper } from './executor.ts';
import { dotted, redshiftRole, roleOf, textArray } from './names.ts';

/** Privileges that PostgreSQL 13 has itself, by the kind of object. */
const native: Readonly<Record<string, readonly string[]>> = {
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'TRUNCATE'],
  SCHEMA: ['CREATE', 'USAGE'],
  DATABASE: ['CREATE', 'TEMP'],
  FUNCTION: ['EXECUTE'],
  PROCEDURE: ['EXECUTE'],
  LANGUAGE: ['USAGE'],
};

/** Carries out a GRANT or a REVOKE: by PostgreSQL where it has the privilege, else in the model. */
export async function grant(statement: GrantStatement, below: Below): Promise<string> {
  const { what, grantees, revokes } = statement;
  for (const grantee of grantees) await mustExist(grantee, below);
  if (what.on === 'role') {
    await below.run(`${head(statement, 'ADMIN')}${what.roles.map(redshiftRole).join(', ')}${tail(statement, 'ADMIN')}`);
  } else if (what.on === 'object') {
    await onObject(statement, what, below);
  } else {
    await inModel(statement, rowsOf(what), below);
  }
  return revokes ? 'REVOKE' : 'GRANT';
}

async function mustExist(grantee: GrantStatement['grantees'][number], below: Below): Promise<void> {
  if (grantee.type === 'public') return;
  const name = pg.escapeLiteral(`${grantee.type === 'user' ? '' : `${grantee.type}:`}${grantee.name}`);
  const [row] = await below.elevated(`SELECT FROM pg_authid WHERE rolname = ${name}`);
  if (row === undefined) throw new ServerError('42704', `${grantee.type} "${grantee.name}" does not exist`);
}

function head({ revokes, onlyOption }: GrantStatement, option: string): string {
  return `${revokes ? 'REVOKE' : 'GRANT'} ${onlyOption ? `${option} OPTION FOR ` : ''}`;
}

function tail({ revokes, withOption, grantees }: GrantStatement, option: string): string {
  const whom = grantees.map(roleOf).join(', ');
  return ` ${revokes ? 'FROM' : 'TO'} ${whom}${withOption ? ` WITH ${option} OPTION` : ''}`;
}

async function onObject(
  statement: GrantStatement,
  what: Extract<Granted, { readonly on: 'object' }>,
  below: Below,
): Promise<void> {
  const { type, privileges, name, types } = what;
  const own = privileges.filter(({ privilege }) => native[type]?.includes(privilege) === true);
  if (own.length > 0) {
    const list = own.map(({ privilege, columns }) =>
      columns.length === 0
        ? privilege
        : `${privilege} (${columns.map((column) => pg.escapeIdentifier(column)).join(', ')})`,
    );
    const sql = `${list.join(', ')} ON ${type} ${dotted(name)}${types}`;
    await below.run(head(statement, 'GRANT') + sql + tail(statement, 'GRANT'));
  }
  const others = privileges.filter((each) => !own.includes(each)).map(({ privilege }) => privilege);
  if (others.length === 0) return;
  const full = (type === 'TABLE' || type === 'MODEL') && name.length === 1 ? ['public', ...name] : name;
  await checkObject(type, full, below);
  await inModel(
    statement,
    others.map((privilege) => ({ kind: type, object: full, privilege })),
    below,
  );
}

async function checkObject(type: string, name: readonly string[], below: Below): Promise<void> {
  const regclass = type === 'TABLE' ? `to_regclass(${pg.escapeLiteral(dotted(name))})` : undefined;
  const schema = type === 'SCHEMA' ? `to_regnamespace(${pg.escapeLiteral(dotted(name))})` : undefined;
  const share = `(SELECT name FROM redshift_model.datashares WHERE name = ${pg.escapeLiteral(name[0] ?? '')})`;
  const found = regclass ?? schema ?? (type === 'DATASHARE' ? share : "'there is one'");
  const [row] = await below.elevated(`SELECT ${found} IS NOT NULL`);
  if (row?.[0] !== true) throw new ServerError('42704', `${type.toLowerCase()} "${name.join('.')}" does not exist`);
}

interface ModelGrant {
  readonly kind: string;
  readonly object: readonly string[];
  readonly privilege: string;
}

function rowsOf(what: Exclude<Granted, { readonly on: 'role' | 'object' }>): readonly ModelGrant[] {
  switch (what.on) {
    case 'system':
      return what.privileges.map((privilege) => ({ kind: 'SYSTEM', object: [], privilege }));
    case 'scope':
      return what.privileges.map((privilege) => ({
        kind: `${what.kinds} IN ${what.within}`,
        object: [what.name],
        privilege,
      }));
    case 'iam': {
      const all = ['COPY', 'UNLOAD', 'CREATE MODEL', 'EXTERNAL FUNCTION'];
      return (what.commands.includes('ALL') ? all : what.commands).map((privilege) => ({
        kind: 'IAM',
        object: [what.role],
        privilege,
      }));
    }
  }
}

/** Only superusers give what the model keeps. */
async function inModel(statement: GrantStatement, rows: readonly ModelGrant[], below: Below): Promise<void> {
  needSuper(below, 'GRANT');
  const { revokes, onlyOption, withOption, grantees } = statement;
  for (const { kind, object, privilege } of rows) {
    for (const grantee of grantees) {
      const oid = grantee.type === 'public' ? '0::oid' : `${pg.escapeLiteral(roleOf(grantee))}::regrole::oid`;
      const where = `kind = ${pg.escapeLiteral(kind)} AND object = ${textArray(object)} AND privilege = ${pg.escapeLiteral(privilege)} AND grantee = ${oid}`;
      const values = `${pg.escapeLiteral(kind)}, ${textArray(object)}, ${pg.escapeLiteral(privilege)}, ${oid}, ${withOption}`;
      await below.elevated(
        !revokes
          ? `INSERT INTO redshift_model.grants AS g VALUES (${values}) ON CONFLICT (kind, object, privilege, grantee) DO UPDATE SET option = g.option OR excluded.option`
          : onlyOption
            ? `UPDATE redshift_model.grants SET option = false WHERE ${where}`
            : `DELETE FROM redshift_model.grants WHERE ${where}`,
      );
    }
  }
}
