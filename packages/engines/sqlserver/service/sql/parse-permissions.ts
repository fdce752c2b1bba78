import type { Unplaced } from './parse.ts';
import { readOn } from './securable-syntax.ts';
import type { PermissionStatement } from './statements.ts';
import type { TokenReader } from './token-reader.ts';

type Permissions = PermissionStatement['permissions'];

export function readGrant(tokens: TokenReader): Unplaced {
  const head = readHead(tokens);
  tokens.word('TO');
  const grantees = readNames(tokens);
  const withGrantOption = tokens.tookWord('WITH', 'GRANT', 'OPTION');
  return {
    kind: 'grant',
    ...head,
    grantees,
    withGrantOption,
    grantOptionOnly: false,
    cascade: false,
    as: readAs(tokens),
  };
}

export function readDeny(tokens: TokenReader): Unplaced {
  const head = readHead(tokens);
  tokens.word('TO');
  const grantees = readNames(tokens);
  const cascade = tokens.tookWord('CASCADE');
  return {
    kind: 'deny',
    ...head,
    grantees,
    withGrantOption: false,
    grantOptionOnly: false,
    cascade,
    as: readAs(tokens),
  };
}

export function readRevoke(tokens: TokenReader): Unplaced {
  const grantOptionOnly = tokens.tookWord('GRANT', 'OPTION', 'FOR');
  const head = readHead(tokens);
  if (!tokens.tookWord('FROM')) tokens.word('TO');
  const grantees = readNames(tokens);
  const cascade = tokens.tookWord('CASCADE');
  return { kind: 'revoke', ...head, grantees, withGrantOption: false, grantOptionOnly, cascade, as: readAs(tokens) };
}

function readHead(tokens: TokenReader): Pick<PermissionStatement, 'permissions' | 'on' | 'columns'> {
  const permissions = [readPermission(tokens)];
  while (tokens.tookSign(',')) permissions.push(readPermission(tokens));
  const on = tokens.tookWord('ON') ? readOn(tokens) : undefined;
  return { permissions, on, columns: on === undefined ? [] : readColumns(tokens) };
}

function readPermission(tokens: TokenReader): Permissions[number] {
  const words = [tokens.take('word').toUpperCase()];
  while (tokens.token.kind === 'word' && !tokens.isWord('ON') && !tokens.isWord('TO') && !tokens.isWord('FROM')) {
    words.push(tokens.take('word').toUpperCase());
  }
  return { name: words.join(' '), columns: readColumns(tokens) };
}

function readColumns(tokens: TokenReader): readonly string[] {
  if (!tokens.tookSign('(')) return [];
  const columns = readNames(tokens);
  tokens.sign(')');
  return columns;
}

function readNames(tokens: TokenReader): readonly string[] {
  const found = [readGrantee(tokens)];
  while (tokens.tookSign(',')) found.push(readGrantee(tokens));
  return found;
}

/** `public` is reserved, and still the name of a role. */
function readGrantee(tokens: TokenReader): string {
  return tokens.tookWord('PUBLIC') ? 'public' : tokens.name();
}

function readAs(tokens: TokenReader): string | undefined {
  return tokens.tookWord('AS') ? tokens.name() : undefined;
}
