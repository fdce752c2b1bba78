/**
 * The global privileges by their bit in `mysql.global_priv`, as GRANT takes them on every server from 10.4
 * on: MariaDB 10.5 and later call REPLICATION CLIENT also BINLOG MONITOR.
 * @see https://mariadb.com/kb/en/grant/#global-privileges
 */
const byBit: readonly string[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'RELOAD',
  'SHUTDOWN',
  'PROCESS',
  'FILE',
  'GRANT OPTION',
  'REFERENCES',
  'INDEX',
  'ALTER',
  'SHOW DATABASES',
  'SUPER',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'EXECUTE',
  'REPLICATION SLAVE',
  'REPLICATION CLIENT',
  'CREATE VIEW',
  'SHOW VIEW',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'CREATE USER',
  'EVENT',
  'TRIGGER',
  'CREATE TABLESPACE',
  'DELETE HISTORY',
  'SET USER',
  'FEDERATED ADMIN',
  'CONNECTION ADMIN',
  'READ_ONLY ADMIN',
  'REPLICATION SLAVE ADMIN',
  'REPLICATION MASTER ADMIN',
  'BINLOG ADMIN',
  'BINLOG REPLAY',
  'SLAVE MONITOR',
  'SHOW CREATE ROUTINE',
];

/** The names of the bits that are set; undefined if one of them is none that this table knows. */
export function globalPrivileges(access: number): readonly string[] | undefined {
  const bits = BigInt(access);
  if (bits >> BigInt(byBit.length) !== 0n) return undefined;
  return byBit.filter((_name, bit) => (bits >> BigInt(bit)) & 1n);
}

/** The names as `information_schema` has them, in the words of {@link globalPrivileges}. */
export function plainPrivilege(name: string): string {
  return name === 'BINLOG MONITOR' ? 'REPLICATION CLIENT' : name;
}
