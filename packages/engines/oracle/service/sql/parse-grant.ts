import { ora } from '../database/ora-error.ts';
import type { Granted, GrantOption, Statement } from './statements.ts';
import type { TokenReader } from './token-reader.ts';

/** What stands before a name that is no plain object's. */
const objectTypes: readonly (readonly string[])[] = [
  ['DIRECTORY'],
  ['USER'],
  ['EDITION'],
  ['MINING', 'MODEL'],
  ['JAVA', 'SOURCE'],
  ['JAVA', 'RESOURCE'],
  ['SQL', 'TRANSLATION', 'PROFILE'],
];

/** `GRANT … TO …`, after the word GRANT. */
export function parseGrant(read: TokenReader): Statement {
  const what = granted(read, 'TO');
  if (!read.take('TO')) throw ora(905);
  const to = read.names(987);
  const option = grantOption(read, what);
  read.end();
  return { kind: 'grant', what, to, option };
}

/** `REVOKE … FROM …`, after the word REVOKE. */
export function parseRevoke(read: TokenReader): Statement {
  const what = granted(read, 'FROM');
  if (!read.take('FROM')) throw ora(905);
  const from = read.names(987);
  if (what.on === 'object') {
    // A privilege in columns can be taken from the whole table only.
    if (what.privileges.some(({ columns }) => columns.length > 0)) throw ora(1750);
  }
  read.end();
  return { kind: 'revoke', what, from };
}

function granted(read: TokenReader, end: 'TO' | 'FROM'): Granted {
  const items: { name: string; quoted: boolean; columns: readonly string[] }[] = [];
  do {
    const quoted = read.peek()?.kind === 'name';
    const name = quoted ? read.name() : read.phrase(end, 'ON');
    if (name === '') throw ora(990);
    let columns: readonly string[] = [];
    if (read.take('(')) {
      columns = read.names();
      if (!read.take(')')) throw ora(907);
    }
    items.push({ name, quoted, columns });
  } while (read.take(','));
  const names = items.map(({ name, quoted }) => ({ name, quoted }));
  if (!read.take('ON')) {
    if (items.some(({ columns }) => columns.length > 0)) throw ora(990);
    return { on: 'system', names };
  }
  if (read.take('SCHEMA')) return { on: 'schema', names, schema: read.name() };
  const type = objectTypes.find((words) => read.take(...words))?.join(' ');
  let name = read.name();
  let owner = 'SYS';
  if (read.take('.')) [owner, name] = [name, read.name()];
  else if (type !== 'DIRECTORY' && type !== 'USER' && type !== 'EDITION') throw ora(942);
  return { on: 'object', privileges: items, type, owner, name };
}

function grantOption(read: TokenReader, what: Granted): GrantOption {
  const found = { admin: false, delegate: false, grantable: false, hierarchy: false };
  if (what.on === 'object') {
    // In this order.
    found.hierarchy = read.take('WITH', 'HIERARCHY', 'OPTION');
    found.grantable = read.take('WITH', 'GRANT', 'OPTION');
  } else {
    // One of the two.
    found.admin = read.take('WITH', 'ADMIN', 'OPTION');
    found.delegate = !found.admin && what.on === 'system' && read.take('WITH', 'DELEGATE', 'OPTION');
  }
  if (read.peek()?.text === 'WITH') throw ora(994);
  return found;
}
