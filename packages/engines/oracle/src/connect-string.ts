import { type Login, quoted, RotationError } from '@keyturn/core';

/** What a database is called by. */
export type DatabaseKind = 'SERVICE_NAME' | 'SID';

/** The database that RDS makes unless told otherwise. */
export const defaultDatabase = 'ORCL';

/**
 * The connect descriptor of a login.
 * @throws RotationError for a host or a database whose name would say more than a name
 */
export function connectString(kind: DatabaseKind, { host, port, database = defaultDatabase, tls }: Login): string {
  // In a descriptor, parentheses, quotes and equals signs have a meaning.
  if (!/^[\w.:%-]+$/.test(host)) {
    throw new RotationError('host-not-found', { message: 'the host is no host name and no address' });
  }
  if (!/^[\w.$#-]+$/.test(database)) {
    throw new RotationError('unknown-database', {
      message: `no service and no SID can have the name ${quoted(database)}`,
    });
  }
  const protocol = tls === false ? 'tcp' : 'tcps';
  return `(DESCRIPTION=(ADDRESS=(PROTOCOL=${protocol})(HOST=${host})(PORT=${port}))(CONNECT_DATA=(${kind}=${database})))`;
}
