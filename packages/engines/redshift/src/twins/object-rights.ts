import { quoteIdentifier } from '@keyturn/driver-pg';
import { printableSql, shownName } from '../quoting.ts';
import { grantable, notGrantable, type Right } from './right.ts';
import type { AnswerRow } from './snapshot.ts';
import { typesOf, wordOf } from './words.ts';

const quotedNames = (...names: readonly string[]) => names.map(quoteIdentifier).join('.');
const shownNames = (...names: readonly string[]) => names.map(shownName).join('.');

/** A right on an object. `object` says which: rights of its owner on it are left out. */
export interface ObjectRight {
  readonly object: string;
  readonly right: Right;
}

function objectRight(
  kind: string,
  names: readonly string[],
  row: AnswerRow,
  more: { readonly arguments?: string; readonly column?: string } = {},
): ObjectRight {
  const { arguments: types, column } = more;
  const privilege = wordOf(row.privilege_type);
  const checked = types === undefined ? '' : typesOf(types);
  const list = types === undefined ? '' : `(${types})`;
  const object = objectKey(kind, names, list);
  const place = `ON ${kind} ${shownNames(...names)}${printableSql(list)}`;
  if (privilege === undefined || checked === undefined) return { object, right: strange(row.privilege_type, place) };
  const [columns, shownColumns] =
    column === undefined ? ['', ''] : [` (${quoteIdentifier(column)})`, ` (${shownName(column)})`];
  const what = `${privilege}${columns} ON ${kind} ${quotedNames(...names)}${list}`;
  const option = column === undefined ? row.admin_option === true : undefined;
  return { object, right: grantable(`${privilege}${shownColumns} ${place}`, what, option) };
}

/** The same for a grant on an object and for who owns it. */
export function objectKey(kind: string, names: readonly string[], types = ''): string {
  return JSON.stringify([kind, ...names, types]);
}

/** Grants that hold for all objects of a kind within a database or a schema, also for those to come. */
function scopedRight(scope: string, kind: string, name: string, row: AnswerRow): ObjectRight {
  const [privilege, kinds] = [wordOf(row.privilege_type), wordOf(scope)];
  const place = `FOR ${scope} IN ${kind} ${shownName(name)}`;
  if (privilege === undefined || kinds === undefined) return { object: '', right: strange(row.privilege_type, place) };
  const what = `${privilege} FOR ${kinds} IN ${kind} ${quoteIdentifier(name)}`;
  return { object: '', right: grantable(`${privilege} ${place}`, what, row.admin_option === true) };
}

export function databaseRight(row: AnswerRow): ObjectRight {
  const name = String(row.database_name);
  const scope = scopeOf(row);
  // One privilege with two names.
  const said = row.privilege_type === 'TEMPORARY' ? { ...row, privilege_type: 'TEMP' } : row;
  return scope === 'DATABASE' ? objectRight('DATABASE', [name], said) : scopedRight(scope, 'DATABASE', name, row);
}

export function schemaRight(row: AnswerRow): ObjectRight {
  const name = String(row.namespace_name);
  const scope = scopeOf(row);
  return scope === 'SCHEMA' ? objectRight('SCHEMA', [name], row) : scopedRight(scope, 'SCHEMA', name, row);
}

export function relationRight(row: AnswerRow): ObjectRight {
  return objectRight('TABLE', [String(row.namespace_name), String(row.relation_name)], row);
}

export function columnRight(row: AnswerRow): ObjectRight {
  const column = String(row.column_name);
  return objectRight('TABLE', [String(row.namespace_name), String(row.relation_name)], row, { column });
}

/** @param isProcedure the view does not say which of the two it is, and the statement must */
export function functionRight(row: AnswerRow, isProcedure: boolean): ObjectRight {
  const names = [String(row.namespace_name), String(row.function_name)];
  return objectRight(isProcedure ? 'PROCEDURE' : 'FUNCTION', names, row, { arguments: argumentsOf(row) });
}

export function argumentsOf(row: AnswerRow): string {
  return String(row.argument_types ?? '');
}

export function languageRight(row: AnswerRow): ObjectRight {
  return objectRight('LANGUAGE', [String(row.language_name)], row);
}

export function modelRight(row: AnswerRow): ObjectRight {
  return objectRight('MODEL', [String(row.namespace_name), String(row.model_name)], row);
}

export function datashareRight(row: AnswerRow): ObjectRight {
  return objectRight('DATASHARE', [String(row.datashare_name)], row);
}

/** The name of the catalogue for what `FOR` calls EXTERNAL FUNCTION. */
const commands: Readonly<Record<string, string>> = { EXFUNC: 'EXTERNAL FUNCTION' };

/** The right to have COPY and the like assume an IAM role. */
export function iamRight(row: AnswerRow): Right {
  const arn = String(row.iam_arn);
  const command = commands[String(row.command_type)] ?? wordOf(row.command_type);
  const role = arn === 'default-aws-iam-role' ? 'default' : arn.toUpperCase() === 'ALL' ? 'ALL' : undefined;
  // The statement holds the role as text: nothing but an ARN is put into one.
  const isArn = /^arn:[A-Za-z0-9:/_+=,.@-]+$/.test(arn);
  if (command === undefined || (role === undefined && !isArn))
    return strange('ASSUMEROLE', `ON ${JSON.stringify(arn)}`);
  const what = `ASSUMEROLE ON ${role ?? `'${arn}'`}`;
  return grantable(`${what} FOR ${command}`, what, undefined, { suffix: ` FOR ${command}` });
}

/** System permissions go to roles; those of a user are from before that. */
export function systemRight(row: AnswerRow): Right {
  const shown = printableSql(String(row.system_privilege));
  return notGrantable(
    shown,
    ({ user, other }) => `make a role with ${shown}, and run: GRANT ROLE … TO ${user}, ${other}`,
  );
}

export function rowPolicyRight(row: AnswerRow): Right {
  const table = [String(row.relschema), String(row.relname)];
  const policy = String(row.polname);
  return notGrantable(
    `the row-level security policy ${shownName(policy)} on ${shownNames(...table)}`,
    ({ user }) => `ATTACH RLS POLICY ${quotedNames(policy)} ON ${quotedNames(...table)} TO ${user}`,
  );
}

export function maskingPolicyRight(row: AnswerRow): Right {
  const table = [String(row.schema_name), String(row.table_name)];
  const policy = String(row.policy_name);
  return notGrantable(
    `the masking policy ${shownName(policy)} on ${shownNames(...table)} ${JSON.stringify(row.output_columns)} with priority ${Number(row.priority)}`,
    ({ user }) =>
      `ATTACH MASKING POLICY ${quotedNames(policy)} ON ${quotedNames(...table)} (…) TO ${user}, or attach it to a role`,
  );
}

function scopeOf(row: AnswerRow): string {
  return String(row.privilege_scope).toUpperCase();
}

/** The catalogue says something that this engine does not know, and puts into no statement. */
function strange(privilege: unknown, place: string): Right {
  const shown = `${printableSql(JSON.stringify(privilege))} ${place}`;
  return notGrantable(shown, ({ user }) => `give it to ${user} by hand, or take it from the other user`);
}
