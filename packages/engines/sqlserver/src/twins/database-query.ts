import { bracket, text } from '../quoting.ts';
import { objectClass, principalClass, securableClasses } from './securable-classes.ts';
import { hexOf } from './server-query.ts';

/**
 * Asks, in two SELECTs, what the master may do in a database, and for the users there that `who` describes.
 * @param who a condition on `sys.database_principals AS u`
 */
export function usersSql(database: string, who: string): readonly [string, string] {
  const may = (permission: string) => `HAS_PERMS_BY_NAME(${text(bracket(database))}, N'DATABASE', N'${permission}')`;
  return [
    `SELECT ${may('VIEW DEFINITION')} AS seesAll, ${may('ALTER ANY USER')} AS altersUsers, ${may('ALTER ANY ROLE')} AS altersRoles`,
    `SELECT u.principal_id AS id, u.name, u.type, u.authentication_type AS authentication, ${hexOf('u.sid')} AS sid,` +
      ' u.default_schema_name AS [schema], u.default_language_name AS language,' +
      ` u.allow_encrypted_value_modifications AS encrypted FROM ${bracket(database)}.sys.database_principals AS u WHERE ${who}`,
  ];
}

/** How many SELECTs {@link databaseRightsSql} has before those that tell owners. */
export const rightsBeforeOwners = 3;

/** Asks for everything in a database that these users, by id, are and may do, and own. */
export function databaseRightsSql(database: string, ids: readonly number[]): string {
  const at = `${bracket(database)}.sys`;
  const list = ids.join(', ');
  const owned = securableClasses.map(({ view, keyword, owner, inSchema, number }) =>
    [
      `SELECT o.${owner} AS holder, o.name, N'${keyword}' AS keyword`,
      inSchema ? ', s.name AS [schema]' : '',
      number === principalClass ? ', o.type AS kind' : '',
      ` FROM ${at}.${view} AS o`,
      inSchema ? ` JOIN ${at}.schemas AS s ON s.schema_id = o.schema_id` : '',
      ` WHERE o.${owner} IN (${list})`,
    ].join(''),
  );
  return [
    `SELECT m.member_principal_id AS holder, r.name FROM ${at}.database_role_members AS m` +
      ` JOIN ${at}.database_principals AS r ON r.principal_id = m.role_principal_id` +
      ` WHERE m.member_principal_id IN (${list})`,
    'SELECT p.grantee_principal_id AS holder, p.class, p.major_id AS major, p.minor_id AS minor,' +
      ` p.permission_name AS name, p.state, g.name AS grantor FROM ${at}.database_permissions AS p` +
      ` JOIN ${at}.database_principals AS g ON g.principal_id = p.grantor_principal_id` +
      ` WHERE p.grantee_principal_id IN (${list})`,
    'SELECT p.grantor_principal_id AS holder, p.class, p.major_id AS major, p.permission_name AS name, g.name AS grantee' +
      ` FROM ${at}.database_permissions AS p JOIN ${at}.database_principals AS g ON g.principal_id = p.grantee_principal_id` +
      ` WHERE p.grantor_principal_id IN (${list})`,
    ...owned,
  ].join(';\n');
}

/** Asks for the names of these securables of a database, one SELECT for each class, and for the names of columns. */
export function namesSql(database: string, wanted: ReadonlyMap<number, ReadonlySet<number>>): readonly string[] {
  const at = `${bracket(database)}.sys`;
  return [...wanted].flatMap(([number, ids]) => {
    const found = securableClasses.find((each) => each.number === number);
    if (found === undefined) return [];
    const { view, id, inSchema } = found;
    const list = [...ids].join(', ');
    const names = [
      `SELECT ${number} AS class, o.${id} AS id, o.name`,
      inSchema ? ', s.name AS [schema]' : '',
      number === principalClass ? ', o.type AS kind' : '',
      ` FROM ${at}.${view} AS o`,
      inSchema ? ` JOIN ${at}.schemas AS s ON s.schema_id = o.schema_id` : '',
      ` WHERE o.${id} IN (${list})`,
    ].join('');
    const columns = `SELECT ${number} AS class, c.object_id AS id, c.column_id AS minor, c.name FROM ${at}.all_columns AS c WHERE c.object_id IN (${list})`;
    return number === objectClass ? [names, columns] : [names];
  });
}
