import type { MysqlConnection } from '../connection.ts';
import { account } from '../quoting.ts';

/** The roles that everybody has (mandatory_roles), as accounts, quoted. From 8.0 on. */
export async function mandatoryRoles(connection: MysqlConnection): Promise<readonly string[]> {
  const [row] = await connection.query('SELECT @@mandatory_roles AS roles');
  return rolesIn(String(row?.roles ?? ''));
}

/** Reads a list of roles as the variable and CURRENT_ROLE() have it: `a`@`%`,b@localhost. */
export function rolesIn(list: string): readonly string[] {
  const name = String.raw`(?:\`((?:[^\`]|\`\`)*)\`|'((?:[^']|'')*)'|([^\`'@,\s]+))`;
  const role = new RegExp(`${name}(?:@${name})?`, 'g');
  return [...list.matchAll(role)].map(([, back, single, bare, hostBack, hostSingle, hostBare]) => {
    const host = text(hostBack, hostSingle, hostBare) ?? '%';
    return account(text(back, single, bare) ?? '', host);
  });
}

function text(back: string | undefined, single: string | undefined, bare: string | undefined): string | undefined {
  return back?.replaceAll('``', '`') ?? single?.replaceAll("''", "'") ?? bare;
}
