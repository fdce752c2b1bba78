/** The static privileges, with the levels at which GRANT takes each: `g`lobal, `d`atabase, `t`able, `c`olumn, `r`outine. */
const levels: Readonly<Record<string, string>> = {
  SELECT: 'gdtc',
  INSERT: 'gdtc',
  UPDATE: 'gdtc',
  DELETE: 'gdt',
  CREATE: 'gdt',
  DROP: 'gdt',
  RELOAD: 'g',
  SHUTDOWN: 'g',
  PROCESS: 'g',
  FILE: 'g',
  REFERENCES: 'gdtc',
  INDEX: 'gdt',
  ALTER: 'gdt',
  'SHOW DATABASES': 'g',
  SUPER: 'g',
  'CREATE TEMPORARY TABLES': 'gd',
  'LOCK TABLES': 'gd',
  'REPLICATION SLAVE': 'g',
  'REPLICATION CLIENT': 'g',
  EXECUTE: 'gdr',
  'CREATE VIEW': 'gdt',
  'SHOW VIEW': 'gdt',
  'CREATE ROUTINE': 'gd',
  'ALTER ROUTINE': 'gdr',
  'CREATE USER': 'g',
  EVENT: 'gd',
  TRIGGER: 'gdt',
  'CREATE TABLESPACE': 'g',
  'CREATE ROLE': 'g',
  'DROP ROLE': 'g',
  'GRANT OPTION': 'gdtr',
};

const sinceRoles: readonly string[] = ['CREATE ROLE', 'DROP ROLE'];

/** In the order in which SHOW GRANTS lists them. */
export function staticPrivileges(hasRoles: boolean): readonly string[] {
  return Object.keys(levels).filter((name) => hasRoles || !sinceRoles.includes(name));
}

/** The longest privilege that these words begin with; its words are counted. */
export function privilegeAt(words: readonly string[], hasRoles: boolean): string | undefined {
  const names = staticPrivileges(hasRoles).filter((name) => {
    const own = name.split(' ');
    return own.every((word, index) => words[index] === word);
  });
  return names.sort((one, other) => other.length - one.length)[0];
}

/** Whether the privilege may be granted there. */
export function holdsAt(privilege: string, level: 'g' | 'd' | 't' | 'c' | 'r'): boolean {
  return levels[privilege]?.includes(level) === true;
}

/** All that ALL stands for at a level. */
export function allAt(level: 'g' | 'd' | 't' | 'r', hasRoles: boolean): readonly string[] {
  return staticPrivileges(hasRoles).filter((name) => name !== 'GRANT OPTION' && holdsAt(name, level));
}

/** The dynamic privileges that the server has registered. */
export const dynamicPrivileges: readonly string[] = [
  'APPLICATION_PASSWORD_ADMIN',
  'AUDIT_ADMIN',
  'BACKUP_ADMIN',
  'BINLOG_ADMIN',
  'CLONE_ADMIN',
  'CONNECTION_ADMIN',
  'PERSIST_RO_VARIABLES_ADMIN',
  'REPLICATION_APPLIER',
  'ROLE_ADMIN',
  'SESSION_VARIABLES_ADMIN',
  'SET_USER_ID',
  'SYSTEM_USER',
  'SYSTEM_VARIABLES_ADMIN',
  'XA_RECOVER_ADMIN',
];

/** As the columns of `mysql.user` and `mysql.db`, and the sets in the other tables, write them. */
export function tableWord(privilege: string): string {
  const word = otherWords[privilege];
  if (word !== undefined) return word;
  return privilege.charAt(0) + privilege.slice(1).toLowerCase();
}

const otherWords: Readonly<Record<string, string>> = {
  'GRANT OPTION': 'Grant',
  'CREATE TEMPORARY TABLES': 'Create tmp table',
  'SHOW DATABASES': 'Show db',
  'REPLICATION SLAVE': 'Repl slave',
  'REPLICATION CLIENT': 'Repl client',
};
