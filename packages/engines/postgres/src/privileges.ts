import type { Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { printableName } from './quoting.ts';

/** What a session may do with a role, as the server's catalogue says. */
export interface Rights {
  /** server_version_num: 160004 is 16.4. */
  readonly server_version: number;
  /** The user that acts, in names of the session's encoding. */
  readonly me: string;
  readonly i_am_superuser: boolean;
  readonly i_may_create_roles: boolean;
  readonly i_administer_role: boolean | null;
  readonly role_is_superuser: boolean | null;
  /** RDS with rds.restrict_password_commands; `null` elsewhere. */
  readonly needs_password_group: boolean | null;
}

/** The error for a password that this user may not set, with the statement that would allow it. */
export function missingPrivilege(
  where: Where,
  rights: Rights,
  role: string,
  isOwn: boolean,
  driverCode: string | undefined,
): RotationError {
  const message = isOwn
    ? 'the user may not change its own password'
    : `the administrator may not set the password of ${printableName(role)}`;
  return new RotationError('missing-privilege', {
    ...where,
    message,
    driverCode,
    remedy: remedy(rights, role, isOwn),
  });
}

function remedy(rights: Rights, role: string, isOwn: boolean): string {
  const me = printableName(rights.me);
  const target = printableName(role);
  if (rights.needs_password_group === true) {
    return `Run as the administrator: GRANT rds_password TO ${isOwn ? target : me}`;
  }
  if (isOwn) {
    return 'Rotate this user with a master secret; on RDS with rds.restrict_password_commands, GRANT rds_password TO it instead.';
  }
  if (rights.role_is_superuser === true) return `${target} is a superuser: name a superuser in the master secret.`;
  const statements = [
    ...(rights.i_may_create_roles ? [] : [`ALTER ROLE ${me} CREATEROLE`]),
    // From 16 on CREATEROLE alone no longer reaches roles that others made.
    ...(rights.server_version >= 160_000 && rights.i_administer_role !== true
      ? [`GRANT ${target} TO ${me} WITH ADMIN OPTION`]
      : []),
  ];
  if (statements.length === 0) return `Name another user in the master secret: the server lets ${me} not do this.`;
  return `Run as a superuser (on RDS: as the owner of the role): ${statements.join('; ')}`;
}
