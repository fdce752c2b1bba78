import type { OracleConnection } from '../connection.ts';
import type { Right } from './rights.ts';

/** What the master that is logged in may do. */
export interface Master {
  /** As the dictionary has it. */
  readonly name: string;
  /** Whether it has the system privilege. */
  has(privilege: string): boolean;
  mayGive(right: Right): boolean;
  mayTake(right: Right): boolean;
}

/** Reads the master's own rights, those of its roles among them. */
export async function readMaster(connection: OracleConnection): Promise<Master> {
  const rows = await connection.query(
    "SELECT 'name', USER FROM sys.dual UNION ALL SELECT 'privilege', privilege FROM sys.session_privs UNION ALL SELECT 'role', role FROM sys.session_roles",
  );
  const all = (kind: string) => rows.flatMap(([which, what]) => (which === kind && what !== null ? [what ?? ''] : []));
  const [name = ''] = all('name');
  const privileges = new Set(all('privilege'));
  const handsOn = await readOptions(connection, name, [name, 'PUBLIC', ...all('role')]);
  const has = (privilege: string) => privileges.has(privilege);
  const mayGive = ({ target }: Right): boolean => {
    switch (target.kind) {
      case 'system':
        return has('GRANT ANY PRIVILEGE') || handsOn.has(`system\0${target.privilege}`);
      case 'role':
        return has('GRANT ANY ROLE') || handsOn.has(`role\0${target.role}`);
      case 'schema':
        return has('GRANT ANY SCHEMA PRIVILEGE') || target.schema === name;
      case 'object': {
        const { owner, name: object, privilege, column } = target;
        if (has('GRANT ANY OBJECT PRIVILEGE') || owner === name) return true;
        const whole = `object\0${owner}\0${object}\0${privilege}`;
        return handsOn.has(whole) || (column !== undefined && handsOn.has(`${whole}\0${column}`));
      }
      case 'consumer-group':
        return false;
      default:
        return has('ALTER USER');
    }
  };
  return {
    name,
    has,
    mayGive,
    mayTake(right) {
      if (right.target.kind !== 'object') return mayGive(right);
      const { owner, type } = right.target;
      // The right to grant anything takes what the owner gave, and nothing that others did by their GRANT OPTION.
      const owners = has('GRANT ANY OBJECT PRIVILEGE') ? [owner, ...(type === 'USER' ? [right.target.name] : [])] : [];
      return right.grantors.every((grantor) => grantor === name || owners.includes(grantor));
    },
  };
}

/** What these grantees may hand on. Nobody sees this who does not see the dictionary: it is read after that. */
async function readOptions(
  connection: OracleConnection,
  master: string,
  grantees: readonly string[],
): Promise<ReadonlySet<string>> {
  const binds: string[] = [];
  const list = () => grantees.map((name) => `:${binds.push(name)}`).join(', ');
  const sql = [
    `SELECT 'system', privilege, NULL, NULL, NULL FROM sys.dba_sys_privs WHERE admin_option = 'YES' AND grantee IN (${list()})`,
    `SELECT 'role', granted_role, NULL, NULL, NULL FROM sys.dba_role_privs WHERE admin_option = 'YES' AND grantee IN (${list()})`,
    `SELECT 'object', owner, table_name, privilege, NULL FROM sys.dba_tab_privs WHERE grantable = 'YES' AND grantee = :${binds.push(master)}`,
    `SELECT 'object', owner, table_name, privilege, column_name FROM sys.dba_col_privs WHERE grantable = 'YES' AND grantee = :${binds.push(master)}`,
  ].join(' UNION ALL ');
  const rows = await connection.query(sql, binds);
  return new Set(rows.map((row) => row.filter((field) => field !== null).join('\0')));
}
