import { quoteIdentifier } from '@keyturn/driver-pg';
import { printableSql, shownName } from '../quoting.ts';
import { type Attribute, notGrantable, type Right, type Users } from './right.ts';
import type { AnswerRow } from './snapshot.ts';
import { wordOf } from './words.ts';

/** How the catalogue and ALTER DEFAULT PRIVILEGES name what is to be made. */
const kinds: Readonly<Record<string, string>> = { RELATION: 'TABLES', FUNCTION: 'FUNCTIONS', PROCEDURE: 'PROCEDURES' };

/** Somebody in a default privilege: one of the two users, or another identity. */
type Party = 'user' | 'other' | { readonly type: string; readonly name: string };

/** Default privileges of what the user makes, and those that it gets from what others make. */
export function defaultRights(rows: readonly AnswerRow[], user: string, other: string): readonly Right[] {
  const partyOf = (type: string, name: string): Party => {
    if (type !== 'user') return { type, name };
    return name === user ? 'user' : name === other ? 'other' : { type, name };
  };
  return rows.flatMap((row) => {
    const owner = partyOf('user', String(row.owner_name));
    const grantee = partyOf(String(row.grantee_type).toLowerCase(), String(row.grantee_name));
    const isMine = owner === 'user' || (owner !== 'other' && grantee === 'user');
    // An owner's rights on what it makes are its own anyway.
    if (!isMine || owner === grantee || isPublicDefault(row)) return [];
    return [defaultRight(row, owner, grantee)];
  });
}

function defaultRight(row: AnswerRow, owner: Party, grantee: Party): Right {
  const privilege = wordOf(row.privilege_type);
  const kind = kinds[String(row.object_type).toUpperCase()];
  const schema = schemaOf(row);
  const where = schema === null ? '' : ` IN SCHEMA ${quoteIdentifier(schema)}`;
  const shownWhere = schema === null ? '' : ` in ${shownName(schema)}`;
  if (privilege === undefined || kind === undefined) {
    const strange = printableSql(JSON.stringify([row.privilege_type, row.object_type]));
    return notGrantable(`the default privilege ${strange}${shownWhere}`, ({ user }) => `settle it for ${user} by hand`);
  }
  const shown = `${privilege} on new ${kind}${shownWhere} of ${shownParty(owner)} to ${shownParty(grantee)}`;
  const isUser = grantee === 'user' || grantee === 'other' || grantee.type === 'user';
  const start = (users: Users) => `ALTER DEFAULT PRIVILEGES FOR USER ${sqlParty(owner, users)}${where}`;
  const right: Right = {
    key: shown,
    shown,
    option: isUser ? row.admin_option === true : undefined,
    give: (users, option) =>
      `${start(users)} GRANT ${privilege} ON ${kind} TO ${sqlParty(grantee, users)}${option ? ' WITH GRANT OPTION' : ''}`,
    take: (users) => `${start(users)} REVOKE ${privilege} ON ${kind} FROM ${sqlParty(grantee, users)}`,
    takeOption: (users) =>
      `${start(users)} REVOKE GRANT OPTION FOR ${privilege} ON ${kind} FROM ${sqlParty(grantee, users)}`,
  };
  // What one of the two gives the other: taken back from one, it would be less for the other.
  return owner === 'user' && grantee === 'other' ? { ...right, implied: true } : right;
}

/** Without an entry of its own, PUBLIC may execute new functions: the one default that is taken away, and not given. */
export function publicDefault(rows: readonly AnswerRow[], user: string): Attribute {
  const own = rows.filter((row) => row.owner_name === user && isGlobalFunctions(row));
  const has = own.length === 0 || own.some(isPublicDefault);
  return {
    name: 'new FUNCTIONS for PUBLIC',
    shown: has ? 'EXECUTE on new FUNCTIONS for PUBLIC' : 'no EXECUTE on new FUNCTIONS for PUBLIC',
    set: (name) => [
      `ALTER DEFAULT PRIVILEGES FOR USER ${name} ${has ? 'GRANT EXECUTE ON FUNCTIONS TO' : 'REVOKE EXECUTE ON FUNCTIONS FROM'} PUBLIC`,
    ],
  };
}

function isPublicDefault(row: AnswerRow): boolean {
  return isGlobalFunctions(row) && String(row.grantee_type).toLowerCase() === 'public';
}

function isGlobalFunctions(row: AnswerRow): boolean {
  return schemaOf(row) === null && String(row.object_type).toUpperCase() === 'FUNCTION';
}

function schemaOf(row: AnswerRow): string | null {
  const { schema_name: schema } = row;
  return schema === null || schema === undefined || schema === '' ? null : String(schema);
}

function sqlParty(party: Party, users: Users): string {
  if (party === 'user' || party === 'other') return users[party];
  if (party.type === 'public') return 'PUBLIC';
  return `${party.type === 'user' ? '' : `${party.type.toUpperCase()} `}${quoteIdentifier(party.name)}`;
}

function shownParty(party: Party): string {
  if (party === 'user') return 'the user';
  if (party === 'other') return 'the other user';
  if (party.type === 'public') return 'PUBLIC';
  return `${party.type === 'user' ? '' : `${party.type} `}${shownName(party.name)}`;
}
