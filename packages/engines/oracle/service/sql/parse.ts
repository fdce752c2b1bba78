import { ora } from '../database/ora-error.ts';
import { parseGrant, parseRevoke } from './parse-grant.ts';
import { parseSelect } from './parse-select.ts';
import { parseAlterUser, parseCreateUser } from './parse-user.ts';
import type { Limits, Statement } from './statements.ts';
import { TokenReader } from './token-reader.ts';

const objectTypes: readonly (readonly string[])[] = [
  ['TABLE'],
  ['VIEW'],
  ['SEQUENCE'],
  ['PROCEDURE'],
  ['FUNCTION'],
  ['PACKAGE'],
  ['TYPE'],
  ['DIRECTORY'],
  ['EDITION'],
];

/** Reads a statement. @throws OraError for what the double, or any Oracle server, does not understand */
export function parse(sql: string): Statement {
  const read = new TokenReader(sql);
  if (read.take('SELECT')) return parseSelect(read);
  if (read.take('CREATE', 'USER')) return parseCreateUser(read);
  if (read.take('ALTER', 'USER')) return parseAlterUser(read);
  if (read.take('GRANT')) return parseGrant(read);
  if (read.take('REVOKE')) return parseRevoke(read);
  if (read.take('DROP', 'USER')) {
    return ended(read, { kind: 'drop-user', name: read.name(1935), cascade: read.take('CASCADE') });
  }
  if (read.take('CREATE', 'ROLE')) return ended(read, { kind: 'create-role', name: read.name() });
  if (read.take('DROP', 'ROLE')) return ended(read, { kind: 'drop-role', name: read.name() });
  if (read.take('DROP', 'PROFILE')) {
    return ended(read, { kind: 'drop-profile', name: read.name(), cascade: read.take('CASCADE') });
  }
  for (const kind of ['create-profile', 'alter-profile'] as const) {
    if (read.take(kind === 'create-profile' ? 'CREATE' : 'ALTER', 'PROFILE')) {
      return ended(read, { kind, name: read.name(), limits: limits(read) });
    }
  }
  if (read.take('ALTER', 'SESSION', 'SET', 'CURRENT_SCHEMA', '=')) {
    return ended(read, { kind: 'alter-session', schema: read.name() });
  }
  if (read.take('CREATE', 'OR', 'REPLACE', 'TRIGGER')) return trigger(read);
  if (read.take('CREATE')) return createObject(read);
  if (read.take('DROP')) return dropObject(read);
  throw ora(900);
}

function ended(read: TokenReader, statement: Statement): Statement {
  read.end();
  return statement;
}

function limits(read: TokenReader): Limits {
  read.expect('LIMIT');
  const found: Record<string, string> = {};
  while (!read.atEnd) {
    const parameter = read.name();
    const number = read.peek()?.kind === 'number' ? read.of('number', 922) : read.name();
    found[parameter] = read.take('.') ? `${number}.${read.of('number', 922)}` : number;
  }
  return found;
}

function createObject(read: TokenReader): Statement {
  const words = objectTypes.find((each) => read.take(...each));
  if (words === undefined) throw ora(901);
  let [owner, name] = ['SYS', read.name()];
  if (read.take('.')) [owner, name] = [name, read.name()];
  const columns = read.take('(') ? read.names() : [];
  if (columns.length > 0) read.expect(')');
  return ended(read, { kind: 'create-object', object: { owner, name, type: words.join(' '), columns } });
}

function dropObject(read: TokenReader): Statement {
  const words = [...objectTypes, ['TRIGGER']].find((each) => read.take(...each));
  if (words === undefined) throw ora(950);
  let [owner, name] = ['SYS', read.name()];
  if (read.take('.')) [owner, name] = [name, read.name()];
  return ended(read, { kind: 'drop-object', type: words.join(' '), owner, name });
}

/** The one trigger that the engine makes: a logon that sets the current schema. */
function trigger(read: TokenReader): Statement {
  const owner = read.name();
  read.expect('.');
  const name = read.name();
  read.expect('AFTER', 'LOGON', 'ON');
  const user = read.name();
  read.expect('.', 'SCHEMA', 'BEGIN', 'EXECUTE', 'IMMEDIATE');
  const inner = parse(read.of('string', 922));
  read.expect(';', 'END', ';');
  if (inner.kind !== 'alter-session') throw ora(900);
  return ended(read, { kind: 'create-trigger', trigger: { owner, name, user, schema: inner.schema } });
}
