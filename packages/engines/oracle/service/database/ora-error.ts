/** What the server answers in the place of a result. */
export class OraError extends Error {
  readonly number: number;

  constructor(number: number, text: string) {
    super(`ORA-${String(number).padStart(5, '0')}: ${text}`);
    this.number = number;
  }
}

const texts: Readonly<Record<number, string>> = {
  900: 'invalid SQL statement',
  901: 'invalid CREATE command',
  904: 'invalid identifier',
  905: 'missing keyword',
  907: 'missing right parenthesis',
  911: 'invalid character',
  922: 'missing or invalid option',
  933: 'SQL command not properly ended',
  936: 'missing expression',
  940: 'invalid ALTER command',
  942: 'table or view does not exist',
  950: 'invalid DROP option',
  959: 'tablespace does not exist',
  972: 'identifier is too long',
  987: 'missing or invalid username(s)',
  988: 'missing or invalid password(s)',
  990: 'missing or invalid privilege',
  994: 'missing OPTION keyword',
  1008: 'not all variables bound',
  1017: 'invalid username/password; logon denied',
  1031: 'insufficient privileges',
  1045: 'user lacks CREATE SESSION privilege; logon denied',
  1435: 'user does not exist',
  1722: 'invalid number',
  1740: 'missing double quote in identifier',
  1741: 'illegal zero-length identifier',
  1749: 'you may not GRANT/REVOKE privileges to/from yourself',
  1750: 'UPDATE/REFERENCES may only be REVOKEd from the whole table, not by column',
  1756: 'quoted string not properly terminated',
  1789: 'query block has incorrect number of result columns',
  1917: 'user or role does not exist',
  1918: 'user does not exist',
  1919: 'role does not exist',
  1920: 'user name conflicts with another user or role name',
  1922: 'CASCADE must be specified to drop the user',
  1924: 'role not granted or does not exist',
  1927: 'cannot REVOKE privileges you did not grant',
  1931: 'cannot grant to a role',
  1932: 'ADMIN option not granted for role',
  1934: 'circular role grant detected',
  1935: 'missing user or role name',
  1951: 'ROLE not granted',
  1952: 'system privileges not granted',
  1955: 'DEFAULT ROLE not granted to user',
  2379: 'profile already exists',
  2380: 'profile does not exist',
  2381: 'cannot drop PUBLIC_DEFAULT profile',
  2382: 'profile has users assigned, cannot drop without CASCADE',
  3120: 'two-task conversion routine: integer overflow',
  4043: 'object does not exist',
  16000: 'database or pluggable database open for read-only access',
  28000: 'The account is locked.',
  28001: 'the password has expired',
  28002: 'the password will expire within 7 days',
  28003: 'password verification for the specified password failed',
  28007: 'the password cannot be reused',
  28008: 'invalid old password',
  28009: 'connection as SYS should be as SYSDBA or SYSOPER',
  28150: 'proxy not authorized to connect as client',
  28218: 'password length more than 30 bytes',
  28221: 'REPLACE not specified',
};

/** One of the server's errors, with its text. */
export function ora(number: number): OraError {
  const text = texts[number];
  if (text === undefined) throw new Error(`ORA-${number} has no text here`);
  return new OraError(number, text);
}
