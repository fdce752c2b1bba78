import { readExpression } from './expression.ts';
import { readDeny, readGrant, readRevoke } from './parse-permissions.ts';
import { readAlter, readCreate, readDrop } from './parse-principals.ts';
import { readOn } from './securable-syntax.ts';
import type { Source, Statement } from './statements.ts';
import { TokenReader } from './token-reader.ts';

/** Without `line`: what the readers of single statements give. */
type Distribute<T> = T extends unknown ? Omit<T, 'line'> : never;
export type Unplaced = Distribute<Statement>;

/** Reads a batch: all of it, before any of it is run, as the server does. @throws SqlError */
export function parse(sql: string): readonly Statement[] {
  const tokens = new TokenReader(sql);
  const found: Statement[] = [];
  for (;;) {
    while (tokens.tookSign(';'));
    if (tokens.isAtEnd) return found;
    found.push(readStatement(tokens));
  }
}

function readStatement(tokens: TokenReader): Statement {
  const { line } = tokens.token;
  return { ...(readOne(tokens) as Statement), line };
}

function readOne(tokens: TokenReader): Unplaced {
  if (tokens.tookWord('SELECT')) return readSelect(tokens);
  if (tokens.tookWord('USE')) return { kind: 'use', database: tokens.name() };
  if (tokens.tookWord('SET')) return readSet(tokens);
  if (tokens.tookWord('BEGIN')) return transaction(tokens, 'begin');
  if (tokens.tookWord('COMMIT')) return transaction(tokens, 'commit');
  if (tokens.tookWord('ROLLBACK')) return transaction(tokens, 'rollback');
  if (tokens.tookWord('IF')) {
    const condition = readExpression(tokens);
    return { kind: 'if', condition, statement: readStatement(tokens) };
  }
  if (tokens.tookWord('CREATE')) return readCreate(tokens);
  if (tokens.tookWord('ALTER')) {
    if (!tokens.tookWord('AUTHORIZATION')) return readAlter(tokens);
    tokens.word('ON');
    const on = readOn(tokens);
    tokens.word('TO');
    return { kind: 'authorization', on, to: tokens.name() };
  }
  if (tokens.tookWord('DROP')) return readDrop(tokens);
  if (tokens.tookWord('GRANT')) return readGrant(tokens);
  if (tokens.tookWord('DENY')) return readDeny(tokens);
  if (tokens.tookWord('REVOKE')) return readRevoke(tokens);
  throw tokens.unexpected();
}

function transaction(tokens: TokenReader, kind: 'begin' | 'commit' | 'rollback'): Unplaced {
  if (!tokens.tookWord('TRANSACTION')) tokens.word('TRAN');
  return { kind };
}

/** Options with a value of one word or number; those of several words are known by name. */
function readSet(tokens: TokenReader): Unplaced {
  if (tokens.tookWord('TRANSACTION', 'ISOLATION', 'LEVEL', 'READ', 'COMMITTED')) {
    return { kind: 'set', option: 'TRANSACTION ISOLATION LEVEL', value: 'READ COMMITTED' };
  }
  const option = tokens.take('word').toUpperCase();
  const value = tokens.token.kind === 'number' ? tokens.take('number') : tokens.take('word').toUpperCase();
  return { kind: 'set', option, value };
}

function readSelect(tokens: TokenReader): Unplaced {
  const columns = [readColumn(tokens)];
  while (tokens.tookSign(',')) columns.push(readColumn(tokens));
  const from: Source[] = [];
  if (tokens.tookWord('FROM')) {
    from.push({ ...readSource(tokens), join: 'from', on: undefined });
    for (;;) {
      const left = tokens.tookWord('LEFT');
      if (left) tokens.tookWord('OUTER');
      else tokens.tookWord('INNER');
      if (!tokens.tookWord('JOIN')) break;
      const source = readSource(tokens);
      tokens.word('ON');
      from.push({ ...source, join: left ? 'left' : 'inner', on: readExpression(tokens) });
    }
  }
  const where = tokens.tookWord('WHERE') ? readExpression(tokens) : undefined;
  return { kind: 'select', columns, from, where };
}

function readColumn(tokens: TokenReader): { readonly value: ReturnType<typeof readExpression>; readonly name: string } {
  const value = readExpression(tokens);
  if (tokens.tookWord('AS')) return { value, name: tokens.name() };
  return { value, name: value.kind === 'column' ? (value.path.at(-1) ?? '') : '' };
}

function readSource(tokens: TokenReader): Pick<Source, 'path' | 'alias'> {
  const path = tokens.path();
  return { path, alias: tokens.tookWord('AS') ? tokens.name() : (path.at(-1) ?? '') };
}
