import type { Granted, GrantOption } from '../sql/statements.ts';
import type { Model, ObjectGrant } from './model.ts';
import { ora } from './ora-error.ts';
import { columnPrivileges, objectPrivileges } from './privilege-lists.ts';
import { grantees, has, type Session } from './session.ts';

type OnObject = Extract<Granted, { on: 'object' }>;

export function grantObject(
  model: Model,
  session: Session,
  what: OnObject,
  to: readonly string[],
  option: GrantOption,
): void {
  const { owner, name, type, columns } = find(model, session, what);
  const wanted = what.privileges.flatMap((each) =>
    (each.columns.length === 0 ? [undefined] : each.columns).map((column) => ({ privilege: each.name, column })),
  );
  for (const { privilege, column } of wanted) {
    if (objectPrivileges[type]?.includes(privilege) !== true) throw ora(990);
    if (column !== undefined && !columnPrivileges.includes(privilege)) throw ora(990);
    if (column !== undefined && !columns.includes(column)) throw ora(904);
  }
  const grantor = grantorOf(model, session, owner, name, wanted);
  for (const grantee of to) {
    if (grantee === owner && type !== 'DIRECTORY' && type !== 'EDITION') throw ora(1749);
    if (option.grantable && model.roles.has(grantee)) throw ora(1931);
    for (const { privilege, column } of wanted) {
      const same = model.objectGrants.find(
        (each) =>
          each.grantee === grantee &&
          each.owner === owner &&
          each.name === name &&
          each.privilege === privilege &&
          each.column === column &&
          each.grantor === grantor,
      );
      if (same !== undefined) {
        same.grantable ||= option.grantable;
        same.hierarchy ||= option.hierarchy;
        continue;
      }
      const { grantable, hierarchy } = option;
      model.objectGrants.push({ grantee, owner, name, type, privilege, column, grantor, grantable, hierarchy });
    }
  }
}

export function revokeObject(model: Model, session: Session, what: OnObject, from: readonly string[]): void {
  const { owner, name, type } = find(model, session, what);
  const any = has(model, session, 'GRANT ANY OBJECT PRIVILEGE');
  const taken: ObjectGrant[] = [];
  for (const grantee of from) {
    for (const { name: privilege } of what.privileges) {
      if (objectPrivileges[type]?.includes(privilege) !== true) throw ora(990);
      const grants = model.objectGrants.filter(
        (each) =>
          each.grantee === grantee &&
          each.owner === owner &&
          each.name === name &&
          each.privilege === privilege &&
          (each.grantor === session.user || (any && each.grantor === owner)),
      );
      // Grants that somebody else has made by his own GRANT OPTION stay out of reach.
      if (grants.length === 0) throw ora(1927);
      taken.push(...grants);
    }
  }
  model.objectGrants = model.objectGrants.filter((each) => !taken.includes(each));
  for (const gone of taken) cascade(model, gone);
}

/** Who loses a right loses what he has given with it. */
function cascade(model: Model, gone: ObjectGrant): void {
  const still = model.objectGrants.some(
    (each) => sameRight(each, gone) && each.grantee === gone.grantee && each.grantable,
  );
  if (still) return;
  const given = model.objectGrants.filter((each) => sameRight(each, gone) && each.grantor === gone.grantee);
  model.objectGrants = model.objectGrants.filter((each) => !given.includes(each));
  for (const each of given) cascade(model, each);
}

function sameRight(a: ObjectGrant, b: ObjectGrant): boolean {
  return a.owner === b.owner && a.name === b.name && a.privilege === b.privilege && a.column === b.column;
}

interface Found {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly columns: readonly string[];
}

function find(model: Model, session: Session, { type, owner, name }: OnObject): Found {
  if (type === 'USER') {
    if (!model.users.has(name)) throw ora(1917);
    return { owner: 'SYS', name, type, columns: [] };
  }
  const object = model.objects.find((each) => each.owner === owner && each.name === name);
  if (object === undefined || (type !== undefined && object.type !== type)) throw ora(type === undefined ? 942 : 4043);
  if (!seesObject(model, session, object.owner, object.name)) throw ora(942);
  return object;
}

function seesObject(model: Model, session: Session, owner: string, name: string): boolean {
  if (session.user === owner || has(model, session, 'GRANT ANY OBJECT PRIVILEGE')) return true;
  const whose = grantees(model, session);
  return model.objectGrants.some((each) => each.owner === owner && each.name === name && whose.includes(each.grantee));
}

function grantorOf(
  model: Model,
  session: Session,
  owner: string,
  name: string,
  wanted: readonly { readonly privilege: string; readonly column: string | undefined }[],
): string {
  if (session.user === owner) return owner;
  const own = wanted.every(({ privilege, column }) =>
    model.objectGrants.some(
      (each) =>
        each.grantee === session.user &&
        each.owner === owner &&
        each.name === name &&
        each.privilege === privilege &&
        (each.column === undefined || each.column === column) &&
        each.grantable,
    ),
  );
  if (own) return session.user;
  if (has(model, session, 'GRANT ANY OBJECT PRIVILEGE')) return owner;
  throw ora(1031);
}
