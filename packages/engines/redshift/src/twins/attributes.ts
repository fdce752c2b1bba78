import { quoteIdentifier } from '@keyturn/driver-pg';
import { printableSql, quoteText, shownName } from '../quoting.ts';
import type { Attribute } from './right.ts';
import type { AnswerRow } from './snapshot.ts';

/** The attributes of one user, from PG_USER and SVV_USER_INFO. */
export function attributesOf(user: AnswerRow, info: AnswerRow): readonly Attribute[] {
  return [
    flag('CREATEDB', user.usecreatedb === true),
    validUntil(user.valuntil),
    connectionLimit(info.connection_limit),
    sessionTimeout(info.session_timeout),
    syslogAccess(info.syslog_access),
    ...settings(user.useconfig),
    // Last: it opens everything.
    flag('CREATEUSER', user.usesuper === true),
  ];
}

function flag(name: 'CREATEDB' | 'CREATEUSER', on: boolean): Attribute {
  const shown = on ? name : `NO${name}`;
  return { name, shown, set: (user) => [`ALTER USER ${user} ${shown}`] };
}

function validUntil(value: unknown): Attribute {
  // No time, and a time that never comes, are the same.
  const until = value === null || value === undefined || value === '' ? 'infinity' : String(value);
  return {
    name: 'VALID UNTIL',
    shown: `VALID UNTIL ${printableSql(quoteText(until))}`,
    set: (user) => [`ALTER USER ${user} VALID UNTIL ${quoteText(until)}`],
  };
}

function connectionLimit(value: unknown): Attribute {
  const limit = /^\d+$/.test(String(value)) ? String(value) : 'UNLIMITED';
  return {
    name: 'CONNECTION LIMIT',
    shown: `CONNECTION LIMIT ${limit}`,
    set: (user) => [`ALTER USER ${user} CONNECTION LIMIT ${limit}`],
  };
}

/** In seconds; 0 is that of the cluster. */
function sessionTimeout(value: unknown): Attribute {
  const seconds = Number(value ?? 0);
  return {
    name: 'SESSION TIMEOUT',
    shown: seconds === 0 ? 'the SESSION TIMEOUT of the cluster' : `SESSION TIMEOUT ${seconds}`,
    set: (user) => [`ALTER USER ${user} ${seconds === 0 ? 'RESET SESSION TIMEOUT' : `SESSION TIMEOUT ${seconds}`}`],
  };
}

function syslogAccess(value: unknown): Attribute {
  const access = String(value).toUpperCase() === 'UNRESTRICTED' ? 'UNRESTRICTED' : 'RESTRICTED';
  return {
    name: 'SYSLOG ACCESS',
    shown: `SYSLOG ACCESS ${access}`,
    set: (user) => [`ALTER USER ${user} SYSLOG ACCESS ${access}`],
  };
}

/** One for each setting (`ALTER USER … SET`). A setting that a user does not have has no attribute here. */
function settings(value: unknown): readonly Attribute[] {
  return (Array.isArray(value) ? value : []).map((entry) => {
    const text = String(entry);
    const at = text.indexOf('=');
    const [name, current] = [text.slice(0, at), text.slice(at + 1)];
    return {
      name: settingPrefix + name,
      shown: `the setting ${shownName(name)} = ${printableSql(quoteText(current))}`,
      set: (user) => [`ALTER USER ${user} SET ${quoteIdentifier(name)} TO ${settingValue(name, current)}`],
    };
  });
}

const settingPrefix = 'setting ';

/** Takes a setting from a user; undefined for an attribute that every user has. */
export function resetOf({ name }: Attribute, user: string): string | undefined {
  if (!name.startsWith(settingPrefix)) return undefined;
  return `ALTER USER ${user} RESET ${quoteIdentifier(name.slice(settingPrefix.length))}`;
}

/** The search path is kept as a list of identifiers; in one constant it would be a schema with commas in its name. */
function settingValue(name: string, value: string): string {
  if (name.toLowerCase() !== 'search_path') return quoteText(value);
  const schemas = value.match(/"(?:[^"]|"")*"|[^",\s][^",]*/g) ?? [];
  const texts = schemas.map((schema) =>
    schema.startsWith('"') ? schema.slice(1, -1).replaceAll('""', '"') : schema.trim(),
  );
  return texts.length === 0 ? "''" : texts.map(quoteText).join(', ');
}
