import { type LimitName, limitNames } from './account.ts';
import type { Cursor } from './cursor.ts';
import { refuse } from './failure.ts';
import type { Conditions } from './statement.ts';

/** REQUIRE, WITH limits, password and lock options, COMMENT or ATTRIBUTE, in their order. */
export function parseConditions(cursor: Cursor): Conditions {
  const { version } = cursor;
  const found: Conditions = {};
  if (cursor.takes('REQUIRE')) found.tls = parseTls(cursor);
  if (cursor.takes('WITH')) {
    found.limits = {};
    do parseLimit(cursor, found.limits);
    while (limitNames.some((name) => cursor.next?.text.toUpperCase() === name));
  }
  // Accounts have these from 5.7.6 on; before, GRANT knows none of them either.
  while (version.isAtLeast('5.7.6') && parseOption(cursor, found));
  if (version.isAtLeast('8.0.21') && cursor.takes('ATTRIBUTE')) found.attribute = parseJson(cursor.string());
  else if (version.isAtLeast('8.0.21') && cursor.takes('COMMENT')) found.attribute = { comment: cursor.string() };
  return found;
}

/** The limits behind WITH. */
export function parseLimit(cursor: Cursor, limits: Partial<Record<LimitName, number>>): void {
  limits[cursor.oneOf(...limitNames)] = cursor.number();
}

export function parseTls(cursor: Cursor): NonNullable<Conditions['tls']> {
  const none = { issuer: '', subject: '', cipher: '' };
  if (cursor.takes('NONE')) return { type: '', ...none };
  if (cursor.takes('SSL')) return { type: 'ANY', ...none };
  if (cursor.takes('X509')) return { type: 'X509', ...none };
  const found: Record<'issuer' | 'subject' | 'cipher', string> = { ...none };
  let more = true;
  while (more) {
    const word = cursor.oneOf('ISSUER', 'SUBJECT', 'CIPHER').toLowerCase() as keyof typeof found;
    if (found[word] !== '') cursor.refuse();
    found[word] = cursor.string();
    more = cursor.takes('AND');
    if (!more) more = ['ISSUER', 'SUBJECT', 'CIPHER'].includes(cursor.next?.text.toUpperCase() ?? '');
  }
  return { type: 'SPECIFIED', ...found };
}

function parseOption(cursor: Cursor, found: Conditions): boolean {
  const { version } = cursor;
  if (cursor.takes('ACCOUNT')) {
    found.locked = cursor.oneOf('LOCK', 'UNLOCK') === 'LOCK';
    return true;
  }
  if (version.isAtLeast('8.0.19') && cursor.takes('FAILED_LOGIN_ATTEMPTS')) {
    found.failedLoginAttempts = cursor.number();
    return true;
  }
  if (version.isAtLeast('8.0.19') && cursor.takes('PASSWORD_LOCK_TIME')) {
    found.passwordLockDays = cursor.takes('UNBOUNDED') ? -1 : cursor.number();
    return true;
  }
  if (!cursor.takes('PASSWORD')) return false;
  if (cursor.takes('EXPIRE')) parseExpiry(cursor, found);
  else if (version.hasRoles && cursor.takes('HISTORY')) found.history = orDefault(cursor);
  else if (version.hasRoles && cursor.takes('REUSE', 'INTERVAL')) {
    found.reuseDays = orDefault(cursor);
    if (found.reuseDays !== null) cursor.expects('DAY');
  } else if (version.isAtLeast('8.0.13') && cursor.takes('REQUIRE', 'CURRENT')) {
    found.requireCurrent = cursor.takes('DEFAULT') ? null : cursor.takes('OPTIONAL') ? 'N' : 'Y';
  } else cursor.refuse();
  return true;
}

function parseExpiry(cursor: Cursor, found: Conditions): void {
  if (cursor.takes('DEFAULT')) found.lifetime = null;
  else if (cursor.takes('NEVER')) found.lifetime = 0;
  else if (cursor.takes('INTERVAL')) {
    found.lifetime = cursor.number();
    cursor.expects('DAY');
    if (found.lifetime === 0) refuse(1525, 'Incorrect DAY value');
  } else found.expired = true;
}

function orDefault(cursor: Cursor): number | null {
  return cursor.takes('DEFAULT') ? null : cursor.number();
}

function parseJson(text: string): Record<string, unknown> {
  const invalid = (): never => refuse(3982, 'The user attribute must be a valid JSON object');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid();
  return value as Record<string, unknown>;
}
