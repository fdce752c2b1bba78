import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newModel } from './new-model.ts';
import { run } from './run.ts';
import { type Session, sys } from './session.ts';

/** The number of the error that this ends in. */
function refusal(work: () => unknown): number {
  try {
    work();
  } catch (error) {
    return Number(/^ORA-(\d+)/.exec(String((error as Error).message))?.[1] ?? Number.NaN);
  }
  return 0;
}

describe('statements that the double refuses', () => {
  const model = newModel('19c');
  for (const statement of [
    'CREATE USER app IDENTIFIED BY "secret"',
    'CREATE USER hr NO AUTHENTICATION',
    'CREATE TABLE hr.staff (id, name)',
    'CREATE VIEW hr.names',
    'CREATE ROLE readers',
    'GRANT CREATE SESSION TO app',
  ]) {
    run(model, sys(), statement);
  }

  test.each([
    ['', 900],
    ['SELEC 1 FROM sys.dual', 900],
    ['DELETE FROM sys.dba_users', 900],
    ['BEGIN NULL; END;', 900],
    ['SELECT 1', 933],
    ['SELECT FROM sys.dual', 933],
    ['SELECT 1 FROM sys.dual;', 933],
    ['SELECT 1 FROM sys.dual WHERE', 936],
    ['SELECT 1 FROM sys.nothing', 942],
    ['SELECT 1 FROM hr.staff', 942],
    ['SELECT nothing FROM sys.dba_users', 904],
    ['SELECT UPPER(username) FROM sys.dba_users', 904],
    ['SELECT 1 FROM sys.dba_users WHERE username = :1', 1008],
    ['SELECT 1, 2 FROM sys.dual UNION ALL SELECT 1 FROM sys.dual', 1789],
    ['SELECT 1 FROM sys.dba_schema_privs', 942],
    ['CREATE USER', 1935],
    ['CREATE USER app2', 988],
    ['CREATE USER app2 IDENTIFIED BY', 988],
    ["CREATE USER app2 IDENTIFIED BY 'secret'", 988],
    ['CREATE USER app2 IDENTIFIED BY "secret', 1740],
    ["CREATE USER app2 IDENTIFIED EXTERNALLY AS 'x", 1756],
    ['CREATE USER "" IDENTIFIED BY "secret"', 1741],
    ['CREATE USER app2 IDENTIFIED BY "secret" ACCOUNT OPEN', 922],
    ['CREATE USER app2 IDENTIFIED BY "secret" ACCOUNT LOCK ACCOUNT UNLOCK', 922],
    ['CREATE USER app2 IDENTIFIED BY "secret" NO AUTHENTICATION', 922],
    ['CREATE USER app2 IDENTIFIED BY "secret" REPLACE "old"', 922],
    ['CREATE USER app2 IDENTIFIED BY "secret" DEFAULT ROLE ALL', 922],
    ['CREATE USER app IDENTIFIED BY "secret"', 1920],
    ['CREATE USER readers IDENTIFIED BY "secret"', 1920],
    [`CREATE USER ${'x'.repeat(129)} IDENTIFIED BY "secret"`, 972],
    ['CREATE USER app2 IDENTIFIED BY "secret" PROFILE nothing', 2380],
    ['CREATE USER app2 IDENTIFIED BY "secret" DEFAULT TABLESPACE nothing', 959],
    ['CREATE USER app2 IDENTIFIED BY "secret" QUOTA 1 ON nothing', 959],
    ['CREATE ROLE app', 1920],
    ['CREATE PROFILE "DEFAULT" LIMIT PASSWORD_REUSE_MAX 1', 2379],
    ['ALTER USER nobody ACCOUNT LOCK', 1918],
    ['ALTER USER app', 922],
    ['ALTER USER app IDENTIFIED BY VALUES "x"', 922],
    ['ALTER USER app DEFAULT ROLE readers', 1955],
    ['ALTER USER app GRANT CONNECT THROUGH nobody', 1917],
    ['ALTER USER app GRANT CONNECT THROUGH hr WITH ROLE readers', 1951],
    ['ALTER USER app REVOKE CONNECT THROUGH hr', 28150],
    ['ALTER USER app QUOTA many ON users', 922],
    ['GRANT readers TO nobody', 1917],
    ['GRANT nothing TO app', 1919],
    ['GRANT FLY ANY KITE TO app', 990],
    ['GRANT "CREATE SESSION" TO app', 1919],
    ['GRANT readers app', 905],
    ['GRANT readers TO app WITH GRANT OPTION', 994],
    ['GRANT readers TO app WITH ADMIN OPTION WITH DELEGATE OPTION', 994],
    ['GRANT SELECT ON hr.staff TO app WITH GRANT OPTION WITH HIERARCHY OPTION', 994],
    ['GRANT SELECT ON hr.nothing TO app', 942],
    ['GRANT SELECT ON staff TO app', 942],
    ['GRANT EXECUTE ON hr.staff TO app', 990],
    ['GRANT SELECT (id) ON hr.staff TO app', 990],
    ['GRANT UPDATE (nothing) ON hr.staff TO app', 904],
    ['GRANT SELECT ON hr.staff TO hr', 1749],
    ['GRANT SELECT ON hr.staff TO readers WITH GRANT OPTION', 1931],
    ['GRANT SELECT ANY TABLE ON SCHEMA hr TO app', 990],
    ['GRANT READ ON DIRECTORY nothing TO app', 4043],
    ['REVOKE readers FROM app', 1951],
    ['REVOKE CREATE TABLE FROM app', 1952],
    ['REVOKE SELECT ON hr.staff FROM app', 1927],
    ['REVOKE UPDATE (id) ON hr.staff FROM app', 1750],
    ['REVOKE readers FROM app WITH ADMIN OPTION', 933],
    ['ALTER SESSION SET CURRENT_SCHEMA = nobody', 1435],
    ['DROP USER nobody', 1918],
    ['DROP USER hr', 1922],
    ['DROP TABLE hr.nothing', 4043],
  ])('%s: ORA-%i', (statement, number) => {
    const before = JSON.stringify([[...model.users.keys()], model.objectGrants, model.objects]);
    expect(refusal(() => run(model, sys(), statement))).toBe(number);
    expect(JSON.stringify([[...model.users.keys()], model.objectGrants, model.objects])).toBe(before);
  });

  test('too many values are refused as too few are', () => {
    expect(refusal(() => run(model, sys(), 'SELECT 1 FROM sys.dual', ['x']))).toBe(1008);
  });

  test('noise is refused, and changes nothing', () => {
    const words = [
      'SELECT',
      'GRANT',
      'TO',
      'ON',
      'app',
      '"x"',
      "'y'",
      ':1',
      '(',
      ')',
      ',',
      '.',
      '*',
      'FROM',
      'ALTER',
      'USER',
      '1',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 8 }), (some) => {
        expect(refusal(() => run(model, sys(), some.join(' ')))).toBeGreaterThan(0);
      }),
    );
  });

  test.each([
    ['CREATE USER other IDENTIFIED BY "secret"', 'CREATE USER'],
    ['ALTER USER hr ACCOUNT LOCK', 'ALTER USER'],
    ['ALTER USER app EXPIRE PASSWORD ROLLOVER PERIOD', 'ALTER USER'],
    ['ALTER USER app ACCOUNT UNLOCK', 'ALTER USER'],
    ['ALTER USER app GRANT CONNECT THROUGH hr', 'ALTER USER'],
    ['GRANT CREATE TABLE TO hr', 'GRANT ANY PRIVILEGE'],
    ['CREATE ROLE other', 'CREATE ROLE'],
    ['DROP USER hr CASCADE', 'DROP USER'],
  ])('%s takes %s', (statement, privilege) => {
    const session: Session = { user: 'APP', isSys: false, currentSchema: 'APP' };
    expect(refusal(() => run(model, session, statement))).toBe(1031);
    // The control: with it, it is done, on a copy of its own.
    const other = newModel('19c');
    for (const made of [
      'CREATE USER app IDENTIFIED BY "secret"',
      'CREATE USER hr NO AUTHENTICATION',
      `GRANT ${privilege} TO app`,
    ]) {
      run(other, sys(), made);
    }
    expect(refusal(() => run(other, session, statement))).toBe(0);
  });

  test.each([
    ['GRANT readers TO hr', 1932],
    ['REVOKE readers FROM hr', 1932],
    ['GRANT SELECT ON hr.staff TO app', 942],
    ['REVOKE SELECT ON hr.staff FROM app', 942],
    ['SELECT 1 FROM sys.dba_users', 942],
  ])('%s takes more than a login: ORA-%i', (statement, number) => {
    expect(refusal(() => run(model, { user: 'APP', isSys: false, currentSchema: 'APP' }, statement))).toBe(number);
  });

  test('a privilege that somebody holds without GRANT OPTION he cannot give', () => {
    const session: Session = { user: 'APP', isSys: false, currentSchema: 'APP' };
    run(model, sys(), 'GRANT SELECT ON hr.names TO app');
    expect(refusal(() => run(model, session, 'GRANT SELECT ON hr.names TO readers'))).toBe(1031);
    run(model, sys(), 'GRANT SELECT ON hr.names TO app WITH GRANT OPTION');
    run(model, session, 'GRANT SELECT ON hr.names TO readers');
    // What he gave, nobody else takes, and it goes with his own.
    expect(refusal(() => run(model, sys(), 'REVOKE SELECT ON hr.names FROM readers'))).toBe(1927);
    run(model, sys(), 'REVOKE SELECT ON hr.names FROM app');
    expect(model.objectGrants.filter(({ name }) => name === 'NAMES')).toEqual([]);
  });
});
