import type { MariadbConnection } from '../connection.ts';
import { hexLiteral } from '../quoting.ts';
import { globalPrivileges, plainPrivilege } from './privilege-names.ts';
import { accountKey, type StoredRow } from './stored-account.ts';

/**
 * The global privileges of those accounts whose stored bits do not say them all. A server reads the bits of
 * an account that an older one has stored in its own way: what was SUPER there is ten privileges here.
 * @param version the server's, as VERSION() has it
 */
export async function exactGlobalPrivileges(
  connection: MariadbConnection,
  accounts: readonly StoredRow[],
  version: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const series = seriesOf(version);
  const unclear = accounts.filter(({ stored }) => isUnclear(stored.access ?? 0, stored.version_id ?? 0, series));
  if (unclear.length === 0) return new Map();
  const byGrantee = new Map(unclear.map((account) => [`'${account.User}'@'${account.Host}'`, account]));
  const rows = await connection.query(
    `SELECT GRANTEE AS grantee, PRIVILEGE_TYPE AS privilege FROM information_schema.USER_PRIVILEGES WHERE BINARY GRANTEE IN (${[...byGrantee.keys()].map(hexLiteral).join(', ')})`,
  );
  const found = new Map<string, string[]>(
    unclear.map(({ User, Host, stored }) => [accountKey(User, Host), hasGrantOption(stored.access ?? 0)]),
  );
  for (const { grantee, privilege } of rows) {
    const account = byGrantee.get(String(grantee));
    if (account === undefined || privilege === 'USAGE') continue;
    found.get(accountKey(account.User, account.Host))?.push(plainPrivilege(String(privilege)));
  }
  return found;
}

function isUnclear(access: number, storedBy: number, series: number): boolean {
  if (access === 0) return false;
  // 10.5 has changed its ways twice within the series.
  const sameSeries = Math.floor(storedBy / 100) * 100 === series && series >= 100600;
  return !sameSeries || globalPrivileges(access) === undefined;
}

/** The view has no row for it. */
function hasGrantOption(access: number): string[] {
  return ((BigInt(access) >> 10n) & 1n) === 1n ? ['GRANT OPTION'] : [];
}

/** The release series as accounts have it: 101100 for 10.11. */
function seriesOf(version: string): number {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version) ?? [];
  return Number(major) * 10_000 + Number(minor) * 100;
}
