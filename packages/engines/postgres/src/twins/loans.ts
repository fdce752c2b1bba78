import type { PgConnection } from '@keyturn/driver-pg';
import { quoteName, quoteText } from '../quoting.ts';
import { statementError } from '../statement-errors.ts';
import type { Step } from './difference.ts';
import { plainCatalogue } from './state-query.ts';
import type { TwinState } from './twin-state.ts';

/** A membership that the master gives itself for one transaction, to act as the owner of what it moves. */
interface Loan {
  readonly role: string;
  readonly take: string;
  readonly giveBack: string;
}

/** The loans that a transaction needs, and what the master's memberships must be again at its end. */
export interface Loans {
  readonly loans: readonly Loan[];
  readonly fingerprint: string;
}

/** Of all memberships of the role that acts. */
export const fingerprintSql = `(SELECT coalesce(md5(string_agg(to_jsonb(m)::text, ' ' ORDER BY to_jsonb(m)::text)), '')
  FROM (SELECT to_jsonb(a) - 'oid' AS m FROM pg_auth_members AS a
    WHERE a.member = (SELECT oid FROM pg_roles WHERE rolname = current_user)) AS m)`;

/** Finds out, in one round trip, as which of the roles that the steps need the master may not act yet. @throws RotationError */
export async function findLoans(connection: PgConnection, state: TwinState, steps: readonly Step[]): Promise<Loans> {
  const roles = [
    ...new Set(steps.flatMap(({ actAs, needs = [] }) => [...(actAs === undefined ? [] : [actAs]), ...needs])),
  ];
  if (state.me.super || roles.length === 0) return { loans: [], fingerprint: '' };
  try {
    const rows = await connection.run(`${plainCatalogue}; ${standingSql(state, roles)}`);
    const { standing, fingerprint } = rows[0] as unknown as Row;
    const lacking = standing.filter(({ acts, inherits }) => !acts || !inherits);
    return { loans: lacking.map((role) => loan(role, state)), fingerprint };
  } catch (error) {
    throw statementError(error, connection.where, 'rights');
  }
}

interface Standing {
  readonly role: string;
  readonly acts: boolean;
  readonly inherits: boolean;
  /** Options of the membership that the master has granted itself; absent where there is none. */
  readonly own: { readonly inherit: boolean; readonly set: boolean } | null;
}

interface Row {
  readonly standing: readonly Standing[];
  readonly fingerprint: string;
}

function loan({ role, own }: Standing, { version, me }: TwinState): Loan {
  const [name, who] = [quoteName(role), quoteName(me.name)];
  const grant = (inherit: boolean, set: boolean) =>
    `GRANT ${name} TO ${who} WITH INHERIT ${inherit ? 'TRUE' : 'FALSE'}, SET ${set ? 'TRUE' : 'FALSE'}`;
  return {
    role,
    take: version >= 160_000 ? grant(true, true) : `GRANT ${name} TO ${who}`,
    giveBack: own === null ? `REVOKE ${name} FROM ${who}` : grant(own.inherit, own.set),
  };
}

/** Before 16 a member may always act as the role, and whether it inherits is its own attribute, which a loan does not change. */
function standingSql({ version }: TwinState, roles: readonly string[]): string {
  const hasOptions = version >= 160_000;
  const inherits = hasOptions ? "pg_has_role(r.oid, 'USAGE')" : 'true';
  return `SELECT (SELECT json_agg(json_build_object(
    'role', r.rolname, 'acts', pg_has_role(r.oid, '${hasOptions ? 'SET' : 'MEMBER'}'), 'inherits', ${inherits},
    'own', (SELECT json_build_object('inherit', to_jsonb(m) -> 'inherit_option', 'set', to_jsonb(m) -> 'set_option')
      FROM pg_auth_members AS m WHERE ${hasOptions} AND m.roleid = r.oid AND m.member = me.oid AND m.grantor = me.oid)))
    FROM pg_roles AS r, (SELECT oid FROM pg_roles WHERE rolname = current_user) AS me
    WHERE r.rolname::text IN (${roles.map(quoteText).join(', ')})) AS standing,
  ${fingerprintSql} AS fingerprint`;
}
