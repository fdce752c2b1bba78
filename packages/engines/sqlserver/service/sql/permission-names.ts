/** Permissions on the server (Transact-SQL reference, "GRANT server permissions"). */
export const serverPermissions: ReadonlySet<string> = new Set([
  'CONTROL SERVER',
  'CONNECT SQL',
  'CONNECT ANY DATABASE',
  'ALTER ANY LOGIN',
  'ALTER ANY SERVER ROLE',
  'ALTER ANY CREDENTIAL',
  'ALTER ANY DATABASE',
  'ALTER TRACE',
  'CREATE ANY DATABASE',
  'VIEW ANY DATABASE',
  'VIEW ANY DEFINITION',
  'VIEW SERVER STATE',
  'IMPERSONATE ANY LOGIN',
  'SELECT ALL USER SECURABLES',
]);

/** Permissions on a database (Transact-SQL reference, "GRANT database permissions"). */
export const databasePermissions: ReadonlySet<string> = new Set([
  'CONNECT',
  'CONTROL',
  'ALTER',
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'EXECUTE',
  'REFERENCES',
  'VIEW DEFINITION',
  'VIEW DATABASE STATE',
  'CREATE TABLE',
  'CREATE PROCEDURE',
  'CREATE SCHEMA',
  'CREATE ROLE',
  'ALTER ANY USER',
  'ALTER ANY ROLE',
  'ALTER ANY SCHEMA',
  'SHOWPLAN',
  'UNMASK',
  'BACKUP DATABASE',
]);

const ofClass: Readonly<Record<number, readonly string[]>> = {
  1: [
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'REFERENCES',
    'EXECUTE',
    'ALTER',
    'CONTROL',
    'VIEW DEFINITION',
    'VIEW CHANGE TRACKING',
    'TAKE OWNERSHIP',
    'RECEIVE',
  ],
  3: [
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'REFERENCES',
    'EXECUTE',
    'ALTER',
    'CONTROL',
    'VIEW DEFINITION',
    'CREATE SEQUENCE',
    'TAKE OWNERSHIP',
  ],
  4: ['ALTER', 'CONTROL', 'IMPERSONATE', 'VIEW DEFINITION', 'TAKE OWNERSHIP'],
  6: ['REFERENCES', 'EXECUTE', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP'],
  10: ['REFERENCES', 'EXECUTE', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP'],
  17: ['SEND', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP'],
  101: ['IMPERSONATE', 'VIEW DEFINITION', 'ALTER', 'CONTROL'],
  105: ['CONNECT', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP'],
  108: ['ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP'],
};
const ofOthers = ['REFERENCES', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP'];

/** The permissions that a class of securables knows. */
export function permissionsOf(number: number): ReadonlySet<string> {
  if (number === 100) return serverPermissions;
  return number === 0 ? databasePermissions : new Set(ofClass[number] ?? ofOthers);
}
