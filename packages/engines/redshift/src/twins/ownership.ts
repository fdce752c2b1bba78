import { quoteIdentifier } from '@keyturn/driver-pg';
import { shownName } from '../quoting.ts';
import { argumentsOf, objectKey } from './object-rights.ts';
import { grantable, type OwnedObject, type Right } from './right.ts';
import type { AnswerRow } from './snapshot.ts';

/** An object that one of the two owns. */
export interface Owned extends OwnedObject {
  readonly owner: string;
  /** As grants on it name it. */
  readonly object: string;
  /** Every right on it that can be granted; none for objects that take no grants. */
  readonly rights: readonly Right[];
}

/** Privileges that can be granted, by the kind of object (Redshift Developer Guide, GRANT). */
const allPrivileges = {
  DATABASE: ['CREATE', 'TEMP', 'USAGE', 'ALTER'],
  SCHEMA: ['CREATE', 'USAGE', 'ALTER'],
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'DROP', 'ALTER', 'TRUNCATE'],
  VIEW: ['SELECT', 'DROP'],
  FUNCTION: ['EXECUTE'],
  PROCEDURE: ['EXECUTE'],
  DATASHARE: ['ALTER', 'SHARE'],
} as const;

type Kind = keyof typeof allPrivileges;

function owned(row: AnswerRow, kind: Kind, names: readonly string[], types = ''): Owned {
  // Grants and ALTER TABLE take views, too.
  const grantedAs = kind === 'VIEW' ? 'TABLE' : kind;
  const sql = `${grantedAs} ${names.map(quoteIdentifier).join('.')}${types}`;
  const shown = `${names.map(shownName).join('.')}${types}`;
  return {
    owner: String(row.owner),
    object: objectKey(grantedAs, names, types),
    shown: `${kind.toLowerCase()} ${shown}`,
    alter: `ALTER ${sql} OWNER TO`,
    rights: allPrivileges[kind].map((privilege) => ({
      ...grantable(`${privilege} ON ${grantedAs} ${shown}`, `${privilege} ON ${sql}`, undefined),
      implied: true,
    })),
  };
}

/** What belongs to nobody's application: temporary tables, what Redshift makes itself. */
export function isAutomatic(schema: string): boolean {
  return /^pg_(temp|toast|internal|automv|auto_copy)/.test(schema);
}

export function ownedDatabases(rows: readonly AnswerRow[]): readonly Owned[] {
  return rows.map((row) => owned(row, 'DATABASE', [String(row.name)]));
}

export function ownedDatashares(rows: readonly AnswerRow[]): readonly Owned[] {
  return rows.map((row) => owned(row, 'DATASHARE', [String(row.name)]));
}

/** A role takes no grants: who owns it may grant it on. */
export function ownedRoles(rows: readonly AnswerRow[]): readonly Owned[] {
  return rows.map((row) => {
    const name = String(row.name);
    return {
      owner: String(row.owner),
      object: objectKey('ROLE', [name]),
      shown: `role ${shownName(name)}`,
      alter: `ALTER ROLE ${quoteIdentifier(name)} OWNER TO`,
      rights: [
        {
          ...grantable(`ROLE ${shownName(name)}`, `ROLE ${quoteIdentifier(name)}`, true, {
            optionName: 'ADMIN OPTION',
          }),
          implied: true,
        },
      ],
    };
  });
}

export function ownedSchemas(rows: readonly AnswerRow[]): readonly Owned[] {
  return rows
    .filter((row) => !isAutomatic(String(row.namespace_name)))
    .map((row) => owned(row, 'SCHEMA', [String(row.namespace_name)]));
}

export function ownedRelations(rows: readonly AnswerRow[]): readonly Owned[] {
  const views = new Set(rows.filter(({ kind }) => kind !== 'r').map(placeOf));
  return rows
    .filter((row) => !isAutomatic(String(row.namespace_name)) && !isBehindMaterializedView(row, views))
    .map((row) => owned(row, row.kind === 'r' ? 'TABLE' : 'VIEW', [String(row.namespace_name), String(row.name)]));
}

export function ownedFunctions(rows: readonly AnswerRow[]): readonly Owned[] {
  return rows
    .filter((row) => !isAutomatic(String(row.namespace_name)))
    .map((row) =>
      owned(
        row,
        row.kind === 'p' ? 'PROCEDURE' : 'FUNCTION',
        [String(row.namespace_name), String(row.name)],
        `(${argumentsOf(row)})`,
      ),
    );
}

/** Redshift keeps the rows of a materialized view in a table of its own, `mv_tbl__<view>__<number>`. */
function isBehindMaterializedView(row: AnswerRow, views: ReadonlySet<string>): boolean {
  const view = /^mv_tbl__(.+)__\d+$/.exec(String(row.name))?.[1];
  return view !== undefined && views.has(placeOf({ ...row, name: view }));
}

function placeOf(row: AnswerRow): string {
  return JSON.stringify([row.namespace_name, row.name]);
}
