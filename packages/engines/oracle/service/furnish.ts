import type { Model } from './database/model.ts';

type Sql = (statement: string) => void;

/** Things to have rights in, and whom they belong to: for the server's start. */
export const furnishings: readonly string[] = [
  'CREATE USER keyturn_owner NO AUTHENTICATION',
  'CREATE USER keyturn_proxy IDENTIFIED BY "the proxy of the double"',
  'CREATE TABLE keyturn_owner.orders (id, customer, note)',
  'CREATE VIEW keyturn_owner.open_orders',
  'CREATE SEQUENCE keyturn_owner.order_ids',
  'CREATE PROCEDURE keyturn_owner.count_orders',
  'CREATE DIRECTORY keyturn_files',
  'CREATE ROLE keyturn_readers',
  'CREATE ROLE keyturn_writers',
  'CREATE PROFILE keyturn_app LIMIT FAILED_LOGIN_ATTEMPTS 20',
];

/** Rights of every kind for a user; every other time, others. */
export function furnish(sql: Sql, { roleGrants, users }: Model, name: string): void {
  const user = `"${name}"`;
  const has = (role: string) => roleGrants.get(name)?.has(role) === true;
  if (has('KEYTURN_READERS')) {
    for (const statement of [
      `REVOKE keyturn_readers FROM ${user}`,
      `GRANT keyturn_writers TO ${user} WITH ADMIN OPTION`,
      `ALTER USER ${user} DEFAULT ROLE NONE`,
      `REVOKE CREATE TABLE FROM ${user}`,
      `GRANT CREATE VIEW TO ${user}`,
      `REVOKE SELECT ON keyturn_owner.orders FROM ${user}`,
      `GRANT SELECT ON keyturn_owner.orders TO ${user}`,
      `REVOKE UPDATE ON keyturn_owner.orders FROM ${user}`,
      `GRANT UPDATE (customer) ON keyturn_owner.orders TO ${user}`,
      `REVOKE READ ON DIRECTORY keyturn_files FROM ${user}`,
      `ALTER USER ${user} QUOTA 0 ON users QUOTA UNLIMITED ON sysaux`,
      `ALTER USER ${user} REVOKE CONNECT THROUGH keyturn_proxy`,
      `ALTER USER ${user} DEFAULT TABLESPACE sysaux`,
    ]) {
      sql(statement);
    }
    return;
  }
  if (has('KEYTURN_WRITERS')) {
    for (const statement of [
      `REVOKE keyturn_writers, CREATE VIEW FROM ${user}`,
      `REVOKE UPDATE ON keyturn_owner.orders FROM ${user}`,
      `ALTER USER ${user} QUOTA 0 ON sysaux DEFAULT TABLESPACE users DEFAULT ROLE ALL`,
    ]) {
      sql(statement);
    }
  }
  if (!users.has(name)) throw new Error(`there is no user ${name}`);
  for (const statement of [
    `GRANT CREATE TABLE TO ${user} WITH ADMIN OPTION`,
    `GRANT CREATE SEQUENCE, keyturn_readers TO ${user}`,
    `GRANT SELECT ON keyturn_owner.orders TO ${user} WITH GRANT OPTION`,
    `GRANT INSERT, UPDATE (customer, note) ON keyturn_owner.orders TO ${user}`,
    `GRANT SELECT ON keyturn_owner.order_ids TO ${user}`,
    `GRANT EXECUTE ON keyturn_owner.count_orders TO ${user}`,
    `GRANT READ ON DIRECTORY keyturn_files TO ${user}`,
    `ALTER USER ${user} PROFILE keyturn_app QUOTA 1048576 ON users`,
    `ALTER USER ${user} GRANT CONNECT THROUGH keyturn_proxy WITH ROLE keyturn_readers AUTHENTICATION REQUIRED`,
  ]) {
    sql(statement);
  }
}

/** Rights in things that have this name. */
export function furnishNamed(sql: Sql, { roles, users }: Model, name: string, thing: string): number {
  const [user, called] = [`"${name}"`, `"${thing}"`];
  // What no name can hold, nobody could have given.
  if (/["\0]/.test(thing) || Buffer.byteLength(thing) > 128) return 0;
  if (!roles.has(thing) && !users.has(thing) && thing !== 'PUBLIC') sql(`CREATE ROLE ${called}`);
  if (roles.has(thing)) sql(`GRANT ${called} TO ${user}`);
  sql(`CREATE TABLE keyturn_owner.${called} (${called}, b)`);
  sql(`GRANT SELECT, UPDATE (${called}) ON keyturn_owner.${called} TO ${user}`);
  return 2;
}
