import type { Granted, GrantOption, PrivilegeName } from '../sql/statements.ts';
import { type Model, ofGrantee } from './model.ts';
import { grantObject, revokeObject } from './object-grants.ts';
import { ora } from './ora-error.ts';
import { systemPrivileges } from './privilege-lists.ts';
import { has, mayHandOnPrivilege, mayHandOnRole, type Session } from './session.ts';

export function grant(model: Model, session: Session, what: Granted, to: readonly string[], option: GrantOption): void {
  for (const grantee of to) checkGrantee(model, grantee);
  if (what.on === 'object') grantObject(model, session, what, to, option);
  else if (what.on === 'schema') grantSchema(model, session, what, to, option);
  else grantSystem(model, session, what, to, option);
}

type OnSystem = Extract<Granted, { on: 'system' }>;

function grantSystem(model: Model, session: Session, what: OnSystem, to: readonly string[], option: GrantOption): void {
  const { privileges, roles } = sorted(model, what.names);
  if (privileges.length > 0 && option.delegate) throw ora(994);
  for (const name of privileges) if (!mayHandOnPrivilege(model, session, name)) throw ora(1031);
  for (const role of roles) {
    if (!mayHandOnRole(model, session, role)) throw ora(1932);
    if (to.some((grantee) => grantee === role || reaches(model, role, grantee))) throw ora(1934);
  }
  for (const grantee of to) {
    for (const name of privileges) give(model.systemGrants, grantee, name, option.admin);
    for (const role of roles) {
      const now = ofGrantee(model.roleGrants, grantee);
      const before = now.get(role) ?? { admin: false, delegate: false };
      now.set(role, { admin: before.admin || option.admin, delegate: before.delegate || option.delegate });
      // The server gives it along, to users.
      if (role === 'DBA' && model.users.has(grantee)) give(model.systemGrants, grantee, 'UNLIMITED TABLESPACE', false);
    }
  }
}

export function revoke(model: Model, session: Session, what: Granted, from: readonly string[]): void {
  for (const grantee of from) checkGrantee(model, grantee);
  if (what.on === 'object') revokeObject(model, session, what, from);
  else if (what.on === 'schema') revokeSchema(model, session, what, from);
  else revokeSystem(model, session, what, from);
}

function revokeSystem(model: Model, session: Session, what: OnSystem, from: readonly string[]): void {
  const { privileges, roles } = sorted(model, what.names);
  for (const name of privileges) if (!mayHandOnPrivilege(model, session, name)) throw ora(1031);
  for (const role of roles) if (!mayHandOnRole(model, session, role)) throw ora(1932);
  for (const grantee of from) {
    if (privileges.some((name) => model.systemGrants.get(grantee)?.has(name) !== true)) throw ora(1952);
    if (roles.some((role) => model.roleGrants.get(grantee)?.has(role) !== true)) throw ora(1951);
  }
  for (const grantee of from) {
    for (const name of privileges) model.systemGrants.get(grantee)?.delete(name);
    for (const role of roles) {
      model.roleGrants.get(grantee)?.delete(role);
      if (role === 'DBA') model.systemGrants.get(grantee)?.delete('UNLIMITED TABLESPACE');
    }
  }
}

function checkGrantee(model: Model, name: string): void {
  if (!model.users.has(name) && !model.roles.has(name) && name !== 'PUBLIC') throw ora(1917);
}

function sorted(model: Model, names: readonly PrivilegeName[]): { privileges: string[]; roles: string[] } {
  const found: { privileges: string[]; roles: string[] } = { privileges: [], roles: [] };
  for (const { name, quoted } of names) {
    if (!quoted && systemPrivileges.has(name)) found.privileges.push(name);
    else if (model.roles.has(name)) found.roles.push(name);
    else throw quoted || !name.includes(' ') ? ora(1919) : ora(990);
  }
  return found;
}

function reaches(model: Model, from: string, to: string): boolean {
  return [...ofGrantee(model.roleGrants, from).keys()].some((role) => role === to || reaches(model, role, to));
}

function give(grants: Model['systemGrants'], grantee: string, name: string, admin: boolean): void {
  const now = ofGrantee(grants, grantee);
  now.set(name, { admin: now.get(name)?.admin === true || admin });
}

type OnSchema = Extract<Granted, { on: 'schema' }>;

function grantSchema(model: Model, session: Session, what: OnSchema, to: readonly string[], option: GrantOption): void {
  checkSchema(model, session, what);
  for (const grantee of to) {
    for (const { name } of what.names) give(model.schemaGrants, grantee, `${name}\0${what.schema}`, option.admin);
  }
}

function revokeSchema(model: Model, session: Session, what: OnSchema, from: readonly string[]): void {
  checkSchema(model, session, what);
  for (const grantee of from) {
    for (const { name } of what.names) {
      if (model.schemaGrants.get(grantee)?.delete(`${name}\0${what.schema}`) !== true) throw ora(1952);
    }
  }
}

function checkSchema(model: Model, session: Session, { names, schema }: OnSchema): void {
  if (model.release !== '23ai') throw ora(990);
  if (!model.users.has(schema)) throw ora(1435);
  if (names.some(({ name }) => !systemPrivileges.has(name) || !name.includes(' ANY '))) throw ora(990);
  if (session.user !== schema && !has(model, session, 'GRANT ANY SCHEMA PRIVILEGE')) throw ora(1031);
}
