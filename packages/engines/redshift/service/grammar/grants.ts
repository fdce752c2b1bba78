import { ServerError } from '../front/server-error.ts';
import type { Cursor } from './cursor.ts';
import type { DefaultPrivileges, Granted, Grantee, GrantStatement } from './statement.ts';

/** Privileges by the kind of object, and what ALL means (Redshift Developer Guide, GRANT). */
const privilegesOf: Readonly<Record<string, readonly string[]>> = {
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'DROP', 'REFERENCES', 'ALTER', 'TRUNCATE'],
  DATABASE: ['CREATE', 'TEMP', 'USAGE', 'ALTER'],
  SCHEMA: ['CREATE', 'USAGE', 'ALTER', 'DROP'],
  FUNCTION: ['EXECUTE'],
  PROCEDURE: ['EXECUTE'],
  LANGUAGE: ['USAGE'],
  DATASHARE: ['ALTER', 'SHARE'],
  MODEL: ['EXECUTE'],
  columns: ['SELECT', 'UPDATE'],
  SCHEMAS: ['CREATE', 'USAGE', 'ALTER', 'DROP'],
  TABLES: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'DROP', 'ALTER', 'TRUNCATE', 'REFERENCES'],
  FUNCTIONS: ['EXECUTE'],
  LANGUAGES: ['USAGE'],
};

const systemPrivileges = [
  'CREATE USER',
  'DROP USER',
  'ALTER USER',
  'CREATE SCHEMA',
  'DROP SCHEMA',
  'ALTER DEFAULT PRIVILEGES',
  'ACCESS CATALOG',
  'ACCESS SYSTEM TABLE',
  'CREATE TABLE',
  'DROP TABLE',
  'ALTER TABLE',
  'TRUNCATE TABLE',
  'CREATE ROLE',
  'DROP ROLE',
  'VACUUM',
  'ANALYZE',
  'CANCEL',
  'IGNORE RLS',
  'EXPLAIN RLS',
  'EXPLAIN MASKING',
];

/** GRANT … TO …, from the word after GRANT. */
export function grant(cursor: Cursor): GrantStatement {
  const what = granted(cursor);
  cursor.needs('to');
  const grantees = cursor.list(() => grantee(cursor));
  const withOption = cursor.takes('with', what.on === 'role' ? 'admin' : 'grant', 'option');
  const statement = {
    kind: 'grant',
    revokes: false,
    onlyOption: false,
    withOption,
    what: withCommands(cursor, what),
    grantees,
  } as const;
  cursor.end();
  return checked(statement);
}

/** REVOKE … FROM …, from the word after REVOKE. */
export function revoke(cursor: Cursor): GrantStatement {
  const admin = cursor.takes('admin', 'option', 'for');
  const onlyOption = admin || cursor.takes('grant', 'option', 'for');
  const what = granted(cursor);
  if (onlyOption && admin !== (what.on === 'role')) throw cursor.error();
  cursor.needs('from');
  const grantees = cursor.list(() => grantee(cursor));
  const withThem = withCommands(cursor, what);
  cursor.takes('restrict');
  cursor.end();
  return checked({ kind: 'grant', revokes: true, onlyOption, withOption: false, what: withThem, grantees });
}

function checked(statement: GrantStatement): GrantStatement {
  const { what, grantees, withOption } = statement;
  if (withOption && grantees.some(({ type }) => type !== 'user')) {
    throw new ServerError('0LP01', 'grant options can only be granted to individual users', 'ExecuteGrantStmt');
  }
  if (what.on === 'system' && grantees.some(({ type }) => type !== 'role')) {
    throw new ServerError('0A000', 'system permissions can only be granted to roles');
  }
  if (what.on === 'scope' && grantees.some(({ type }) => type === 'group' || type === 'public')) {
    throw new ServerError('0A000', 'scoped permissions can only be granted to users and roles');
  }
  const hasColumns = what.on === 'object' && what.privileges.some(({ columns }) => columns.length > 0);
  if (hasColumns && (withOption || statement.onlyOption)) {
    throw new ServerError('42601', 'column privileges have no grant option');
  }
  return statement;
}

/** ASSUMEROLE ends with the commands it is for. */
function withCommands(cursor: Cursor, what: Granted): Granted {
  if (what.on !== 'iam') return what;
  cursor.needs('for');
  const commands = cursor.list(() => {
    if (cursor.takes('all')) return 'ALL';
    if (cursor.takes('external', 'function')) return 'EXTERNAL FUNCTION';
    if (cursor.takes('create', 'model')) return 'CREATE MODEL';
    if (cursor.takes('copy')) return 'COPY';
    cursor.needs('unload');
    return 'UNLOAD';
  });
  return { ...what, commands };
}

function granted(cursor: Cursor): Granted {
  if (cursor.sees('role')) {
    const role = () => {
      cursor.needs('role');
      return cursor.roleName();
    };
    return { on: 'role', roles: cursor.list(role) };
  }
  if (cursor.takes('assumerole')) {
    cursor.needs('on');
    const role = cursor.takes('default') ? 'default-aws-iam-role' : cursor.takes('all') ? 'ALL' : cursor.text();
    return { on: 'iam', role, commands: [] };
  }
  const phrases = cursor.list(() => phrase(cursor));
  const privileges = phrases.map(({ privilege }) => privilege);
  if (cursor.takes('on')) return { on: 'object', ...object(cursor, phrases) };
  if (phrases.some(({ columns }) => columns.length > 0)) throw cursor.error();
  if (cursor.takes('for')) return { on: 'scope', ...scope(cursor, privileges) };
  const unknown = privileges.find((privilege) => !systemPrivileges.includes(privilege));
  if (unknown !== undefined) throw cursor.error();
  return { on: 'system', privileges };
}

interface Phrase {
  readonly privilege: string;
  readonly columns: readonly string[];
}

/** The words of one privilege, and the columns after it. */
function phrase(cursor: Cursor): Phrase {
  const words: string[] = [];
  while (cursor.peek()?.kind === 'word' && !['on', 'to', 'from', 'for'].includes(cursor.peek()?.value ?? '')) {
    words.push(cursor.next().value.toUpperCase());
  }
  if (words.length === 0) throw cursor.error();
  let columns: readonly string[] = [];
  if (cursor.takes('(')) {
    columns = cursor.list(() => cursor.name());
    cursor.needs(')');
  }
  return {
    privilege: words
      .join(' ')
      .replace(/^TEMPORARY$/, 'TEMP')
      .replace(/^ALL PRIVILEGES$/, 'ALL'),
    columns,
  };
}

function scope(cursor: Cursor, asked: readonly string[]) {
  const kinds = cursor.next().value.toUpperCase();
  cursor.needs('in');
  const within = cursor.choice('schema', 'database') === 'schema' ? ('SCHEMA' as const) : ('DATABASE' as const);
  const name = cursor.name();
  return { privileges: expand(kinds, asked), kinds, within, name };
}

function object(cursor: Cursor, asked: readonly Phrase[]) {
  const word = cursor.peek()?.kind === 'word' ? (cursor.peek()?.value ?? '').toUpperCase() : '';
  const isKind = word in privilegesOf && word === word.toUpperCase() && cursor.peek(1)?.kind !== 'sign';
  const type = isKind && cursor.takes(word.toLowerCase()) ? word : 'TABLE';
  const name = cursor.dotted();
  let types = '';
  if (type === 'FUNCTION' || type === 'PROCEDURE') {
    cursor.needs('(');
    const parts: string[] = [];
    while (!cursor.sees(')')) parts.push(cursor.next().text);
    cursor.needs(')');
    types = `(${parts.join(' ')})`;
  }
  const privileges = asked.flatMap(({ privilege, columns }) =>
    expand(columns.length > 0 ? 'columns' : type, [privilege]).map((each) => ({ privilege: each, columns })),
  );
  return { type, privileges, name, types };
}

function expand(kind: string, asked: readonly string[]): readonly string[] {
  const all = privilegesOf[kind];
  if (all === undefined) throw new ServerError('42601', `there are no grants for ${kind}`, 'yyerror');
  return asked.flatMap((privilege) => {
    if (privilege === 'ALL') return all;
    if (all.includes(privilege)) return [privilege];
    throw new ServerError('0LP01', `invalid privilege type ${privilege} for ${kind}`, 'ExecuteGrantStmt');
  });
}

function grantee(cursor: Cursor): Grantee {
  if (cursor.takes('role')) return { type: 'role', name: cursor.roleName() };
  if (cursor.takes('group')) return { type: 'group', name: cursor.name() };
  if (cursor.takes('public')) return { type: 'public', name: 'public' };
  return { type: 'user', name: cursor.userName() };
}

/** ALTER DEFAULT PRIVILEGES, from the word after PRIVILEGES. */
export function defaultPrivileges(cursor: Cursor): DefaultPrivileges {
  const owner = cursor.takes('for', 'user') ? cursor.userName() : null;
  const schema = cursor.takes('in', 'schema') ? cursor.name() : null;
  const revokes = !cursor.takes('grant');
  if (revokes) cursor.needs('revoke');
  const onlyOption = revokes && cursor.takes('grant', 'option', 'for');
  const asked = cursor.list(() => phrase(cursor).privilege);
  cursor.needs('on');
  const objects = cursor.choice('tables', 'functions') === 'tables' ? ('TABLES' as const) : ('FUNCTIONS' as const);
  const privileges = expand(objects, asked);
  const unsupported = privileges.find((privilege) => ['DROP', 'ALTER', 'TRUNCATE'].includes(privilege));
  if (unsupported !== undefined)
    throw new ServerError('0A000', `this double keeps no default privilege ${unsupported}`);
  cursor.needs(revokes ? 'from' : 'to');
  const grantees = cursor.list(() => grantee(cursor));
  const withOption = !revokes && cursor.takes('with', 'grant', 'option');
  cursor.end();
  if ((withOption || onlyOption) && grantees.some(({ type }) => type !== 'user')) {
    throw new ServerError('0LP01', 'grant options can only be granted to individual users', 'ExecuteGrantStmt');
  }
  return { kind: 'default-privileges', owner, schema, revokes, onlyOption, withOption, privileges, objects, grantees };
}
