import pg from 'pg';
import { ServerError } from '../front/server-error.ts';
import type { DefaultPrivileges } from '../grammar/statement.ts';
import type { Below } from './executor.ts';
import { roleOf, userRole } from './names.ts';

/** PostgreSQL keeps default privileges as Redshift does; only who may set whose differs. */
export async function alterDefaultPrivileges(statement: DefaultPrivileges, below: Below): Promise<string> {
  const { owner, schema, revokes, onlyOption, withOption, privileges, objects, grantees } = statement;
  if (owner !== null && owner !== below.me && !below.isSuper) {
    throw new ServerError(
      '42501',
      'must be superuser to alter the default privileges of others',
      'ExecAlterDefaultPrivileges',
    );
  }
  const where = schema === null ? '' : ` IN SCHEMA ${pg.escapeIdentifier(schema)}`;
  const what = `${revokes ? 'REVOKE' : 'GRANT'} ${onlyOption ? 'GRANT OPTION FOR ' : ''}${privileges.join(', ')} ON ${objects}`;
  const whom = `${revokes ? 'FROM' : 'TO'} ${grantees.map(roleOf).join(', ')}${withOption ? ' WITH GRANT OPTION' : ''}`;
  await below.run(`ALTER DEFAULT PRIVILEGES FOR ROLE ${userRole(owner ?? below.me)}${where} ${what} ${whom}`);
  return 'ALTER DEFAULT PRIVILEGES';
}
