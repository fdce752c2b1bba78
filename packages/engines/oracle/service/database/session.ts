import { type Model, ofGrantee } from './model.ts';
import { ora } from './ora-error.ts';

/** Who runs a statement. */
export interface Session {
  readonly user: string;
  /** SYS as SYSDBA: may everything. */
  readonly isSys: boolean;
  currentSchema: string;
}

export const sys = (): Session => ({ user: 'SYS', isSys: true, currentSchema: 'SYS' });

/** The user's default roles, with all that they lead to; no session of the double sets others. */
export function enabledRoles(model: Model, { user }: Session): ReadonlySet<string> {
  const defaults = model.users.get(user)?.defaultRoles ?? { mode: 'all' };
  const granted = [...ofGrantee(model.roleGrants, user).keys()];
  const found = new Set(
    granted.filter((role) => {
      if (defaults.mode === 'all') return true;
      return defaults.roles.includes(role) === (defaults.mode === 'only');
    }),
  );
  // A Set hands out what is added while it is walked.
  for (const role of found) for (const other of ofGrantee(model.roleGrants, role).keys()) found.add(other);
  return found;
}

/** The user himself, his roles and PUBLIC: whose grants count. */
export function grantees(model: Model, session: Session): readonly string[] {
  return [session.user, ...enabledRoles(model, session), 'PUBLIC'];
}

export function has(model: Model, session: Session, privilege: string): boolean {
  return session.isSys || grantees(model, session).some((name) => model.systemGrants.get(name)?.has(privilege));
}

/** @throws OraError */
export function require(model: Model, session: Session, privilege: string): void {
  if (!has(model, session, privilege)) throw ora(1031);
}

export function mayHandOnPrivilege(model: Model, session: Session, privilege: string): boolean {
  if (has(model, session, 'GRANT ANY PRIVILEGE')) return true;
  return grantees(model, session).some((name) => model.systemGrants.get(name)?.get(privilege)?.admin === true);
}

export function mayHandOnRole(model: Model, session: Session, role: string): boolean {
  if (has(model, session, 'GRANT ANY ROLE')) return true;
  return grantees(model, session).some((name) => model.roleGrants.get(name)?.get(role)?.admin === true);
}
