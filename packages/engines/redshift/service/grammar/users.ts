import { ServerError } from '../front/server-error.ts';
import type { Cursor } from './cursor.ts';
import type { Statement, UserOption } from './statement.ts';

/** What of a user can be altered, and how, follows Redshift Developer Guide, CREATE USER and ALTER USER. */
export function createUser(cursor: Cursor): Statement {
  const name = checkedName(cursor.userName());
  cursor.takes('with');
  if (!cursor.sees('password')) throw cursor.error();
  const options = [];
  while (!cursor.done) options.push(userOption(cursor, 'create'));
  return { kind: 'create-user', name, options };
}

export function alterUser(cursor: Cursor): Statement {
  const name = cursor.userName();
  cursor.takes('with');
  const options = [userOption(cursor, 'alter')];
  while (!cursor.done) options.push(userOption(cursor, 'alter'));
  return { kind: 'alter-user', name, options };
}

function userOption(cursor: Cursor, how: 'create' | 'alter'): UserOption {
  if (cursor.takes('password')) return { option: 'password', password: password(cursor) };
  if (cursor.takes('createdb')) return { option: 'createdb', on: true };
  if (cursor.takes('nocreatedb')) return { option: 'createdb', on: false };
  if (cursor.takes('createuser')) return { option: 'createuser', on: true };
  if (cursor.takes('nocreateuser')) return { option: 'createuser', on: false };
  if (cursor.takes('syslog', 'access')) {
    if (cursor.takes('restricted')) return { option: 'syslog', access: 'RESTRICTED' };
    cursor.needs('unrestricted');
    return { option: 'syslog', access: 'UNRESTRICTED' };
  }
  if (cursor.takes('valid', 'until')) return { option: 'valid-until', until: cursor.text() };
  if (cursor.takes('connection', 'limit')) {
    return { option: 'connection-limit', limit: cursor.takes('unlimited') ? -1 : cursor.integer() };
  }
  if (cursor.takes('session', 'timeout')) return { option: 'session-timeout', seconds: timeout(cursor.integer()) };
  if (how === 'create' && cursor.takes('in', 'group')) {
    return { option: 'in-group', groups: cursor.list(() => cursor.name()) };
  }
  if (how === 'alter' && cursor.takes('reset', 'session', 'timeout')) return { option: 'session-timeout', seconds: 0 };
  if (how === 'alter' && cursor.takes('nologin')) return { option: 'nologin' };
  if (how === 'alter' && cursor.takes('set')) {
    const { name, values } = setting(cursor);
    return { option: 'set', name, values };
  }
  if (how === 'alter' && cursor.takes('reset')) return { option: 'reset', name: parameter(cursor) };
  throw cursor.error();
}

/** `name TO value, …`; a value of DEFAULT is not what this server's users write. */
export function setting(cursor: Cursor): { readonly name: string; readonly values: readonly string[] } {
  const name = parameter(cursor);
  if (!cursor.takes('=')) cursor.needs('to');
  const values = cursor.list(() => {
    const token = cursor.next();
    if (token.kind === 'sign') throw cursor.error();
    return token.value;
  });
  return { name, values };
}

/** Configuration parameters of Redshift's (Redshift Developer Guide, "Configuration reference"). */
const parameters = [
  'analyze_threshold_percent',
  'application_name',
  'datestyle',
  'describe_field_name_in_uppercase',
  'enable_case_sensitive_identifier',
  'enable_result_cache_for_session',
  'extra_float_digits',
  'query_group',
  'search_path',
  'statement_timeout',
  'timezone',
  'wlm_query_slot_count',
];

export function parameter(cursor: Cursor): string {
  const name = cursor.userName().toLowerCase();
  if (parameters.includes(name)) return name;
  throw new ServerError('42704', `unrecognized configuration parameter "${name}"`, 'set_config_option');
}

function timeout(seconds: number): number {
  if (seconds >= 60 && seconds <= 1_728_000) return seconds;
  throw new ServerError('22023', 'session timeout must be between 60 and 1728000 seconds');
}

function password(cursor: Cursor): string | null {
  if (cursor.takes('disable')) return null;
  const text = cursor.text();
  if (/^md5[0-9a-fA-F]{32}$/.test(text)) return text.toLowerCase();
  if (/^sha256\|[0-9a-f]{64}\|[0-9a-f]{64}$/.test(text)) return text;
  const isHash = text.startsWith('sha256|');
  const plain = isHash ? text.slice('sha256|'.length) : text;
  const allowed = /^[\x21-\x7e]{8,64}$/.test(plain) && !/['"\\/@]/.test(plain);
  if (!allowed || !/[A-Z]/.test(plain) || !/[a-z]/.test(plain) || !/\d/.test(plain) || plain.includes('|')) {
    throw new ServerError('22023', 'password must contain a number, an uppercase letter and a lowercase letter');
  }
  return isHash ? `plain-sha256|${plain}` : `plain-md5|${plain}`;
}

/** Redshift's limit is 127 bytes; the PostgreSQL below cuts names after 63, and users must not be mixed up. */
function checkedName(name: string): string {
  const bytes = Buffer.byteLength(name, 'utf8');
  if (bytes > 127) throw new ServerError('42622', `the name is too long: ${bytes} bytes, and 127 are allowed`);
  if (bytes > 63)
    throw new ServerError('0A000', 'the PostgreSQL below this double takes no name of more than 63 bytes');
  if (/\p{C}/u.test(name)) throw new ServerError('42602', 'a name consists of printable characters');
  if (/^(public|rdsdb)$/i.test(name) || /^(group|role|ds):/.test(name)) {
    throw new ServerError('42939', `the name "${name}" is reserved`);
  }
  return name;
}
