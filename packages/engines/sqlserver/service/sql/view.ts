import type { PermissionTable } from '../model/permission-table.ts';
import type { DatabaseState, Membership } from '../model/server-state.ts';
import type { Session } from '../model/session.ts';
import type { Value } from './expression.ts';
import { thingsSeenBy } from './visibility.ts';

/** A view's rows; every row has every column of the view, and no other. */
export interface View {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Value>>[];
}

type Row = Readonly<Record<string, Value>>;

/** Values of which a column must have one, as far as a query says so: rows beyond them need not be made. */
export type Wanted = ReadonlyMap<string, ReadonlySet<number>>;

type Make = (session: Session, database: DatabaseState, wanted: Wanted) => readonly Row[];

/** How a view comes by its rows. */
export interface Definition {
  readonly columns: readonly string[];
  readonly rows: Make;
}

/** Bytes as a value. */
export const hex = (bytes: string | null): Value => (bytes === null ? null : { hex: bytes });

/** A view of these columns; `keys` tells which of them are numbers that a query may ask for. */
export function view<T>(
  columns: readonly string[],
  of: (session: Session, database: DatabaseState, wanted: Wanted) => readonly T[],
  row: (each: T) => Row,
  keys: Readonly<Record<string, (each: T) => number>> = {},
): Definition {
  return {
    columns,
    rows: (session, database, wanted) => {
      let found = of(session, database, wanted);
      for (const [column, ids] of wanted) {
        const key = keys[column];
        if (key !== undefined) found = found.filter((each) => ids.has(key(each)));
      }
      return found.map(row);
    },
  };
}

/** The view of a class of things. */
export function things(number: number, id: string, inSchema: boolean): Definition {
  return view(
    ['name', id, 'principal_id', ...(inSchema ? ['schema_id'] : [])],
    (session, database) =>
      database.things.filter((thing) => thing.class === number).filter(thingsSeenBy(session, database)),
    (thing) => ({
      name: thing.name,
      [id]: thing.id,
      principal_id: thing.owner,
      ...(inSchema ? { schema_id: thing.schema ?? null } : {}),
    }),
  );
}

/** The view of who is in which role. */
export function members(of: (session: Session, database: DatabaseState) => readonly Membership[]): Definition {
  return view(
    ['role_principal_id', 'member_principal_id'],
    of,
    ({ role, member }) => ({ role_principal_id: role, member_principal_id: member }),
    { member_principal_id: ({ member }) => member, role_principal_id: ({ role }) => role },
  );
}

/** The view of who has which permission: all of them, or one's own. */
export function permissions(
  of: (
    session: Session,
    database: DatabaseState,
  ) => { readonly table: PermissionTable; readonly all: boolean; readonly mine: number | undefined },
): Definition {
  return view(
    ['class', 'major_id', 'minor_id', 'grantee_principal_id', 'grantor_principal_id', 'permission_name', 'state'],
    (session, database, wanted) => {
      const { table, all, mine } = of(session, database);
      const [grantees, grantors] = [wanted.get('grantee_principal_id'), wanted.get('grantor_principal_id')];
      const rows =
        grantees !== undefined
          ? table.of(grantees)
          : grantors !== undefined
            ? table.givenBy(grantors)
            : [...table.all()];
      return all ? rows : rows.filter(({ grantee, grantor }) => grantee === mine || grantor === mine);
    },
    (row) => ({
      class: row.class,
      major_id: row.major,
      minor_id: row.minor,
      grantee_principal_id: row.grantee,
      grantor_principal_id: row.grantor,
      permission_name: row.name,
      state: row.state,
    }),
  );
}
