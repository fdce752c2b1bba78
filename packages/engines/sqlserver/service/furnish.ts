import { database } from './model/initial-state.ts';
import { sameName } from './model/names.ts';
import type { RunningSqlServer } from './running-sqlserver.ts';

const bracket = (name: string) => `[${name.replaceAll(']', ']]')}]`;

/** A database whose own name wants brackets. */
export const hostileDatabase = 'o]dd "data\'base';

/** What users are given rights in. */
export function makeFurniture(server: RunningSqlServer): void {
  const { state } = server.parts.core;
  for (const name of ['archive', hostileDatabase]) state.databases.push(database(state, name, '0x01'));
  for (const name of ['app', 'archive', 'contained', hostileDatabase]) {
    const schema = server.addThing(name, { class: 3, name: 'sales' });
    const add = (
      number: number,
      thing: string,
      more: { readonly schema?: number; readonly columns?: readonly string[] } = {},
    ) => server.addThing(name, { class: number, name: thing, ...more });
    add(1, 'orders', { schema, columns: ['id', 'customer', 'note', 'c]ol'] });
    add(1, 'o]rders', { schema, columns: ['id', 'a b'] });
    add(1, 'count_orders', { schema: 1 });
    add(6, 'money', { schema });
    add(10, 'invoice', { schema });
    for (const number of [5, 15, 16, 17, 18, 19, 23, 24, 25, 26, 29, 31, 32]) add(number, `thing of class ${number}`);
  }
  for (const name of ['app', 'archive', 'contained', hostileDatabase]) {
    const found = server.inDatabase(name);
    for (const role of ['readers', 'wri]ters']) {
      found.principals = [
        ...found.principals,
        {
          id: 4000 + found.principals.length,
          name: role,
          type: 'R',
          sid: null,
          authentication: 0,
          fixed: false,
          owner: 1,
          defaultSchema: null,
          defaultLanguage: null,
          encryptedModifications: false,
        },
      ];
    }
  }
}

/** Rights of every kind for a user; every other time, others. */
export async function furnish(server: RunningSqlServer, username: string, round: number): Promise<void> {
  const contained = server
    .inDatabase('contained')
    .principals.some(({ name, authentication }) => name === username && authentication === 2);
  const even = round % 2 === 0;
  if (contained) {
    await server.execute(`USE [contained]; ${inDatabase(bracket(username), even).join('; ')}`);
    return;
  }
  const name = bracket(username);
  await server.execute(
    [
      `ALTER LOGIN ${name} WITH DEFAULT_DATABASE = ${even ? 'app' : 'archive'}, DEFAULT_LANGUAGE = ${even ? 'Deutsch' : 'us_english'}`,
      `ALTER LOGIN ${name} WITH CHECK_EXPIRATION = ${even ? 'ON' : 'OFF'}`,
      even ? `GRANT VIEW SERVER STATE TO ${name} WITH GRANT OPTION` : `REVOKE VIEW SERVER STATE FROM ${name} CASCADE`,
      even ? `DENY CREATE ANY DATABASE TO ${name}` : `GRANT CREATE ANY DATABASE TO ${name}`,
      `GRANT CONNECT ON ENDPOINT::[TSQL Default TCP] TO ${name}`,
      `${even ? 'GRANT' : 'DENY'} VIEW DEFINITION ON AVAILABILITY GROUP::[orders group] TO ${name}`,
      `ALTER LOGIN ${name} ${even ? 'ADD' : 'DROP'} CREDENTIAL [backup credential]`,
    ].join('; '),
  );
  const other = even ? 'archive' : hostileDatabase;
  await ensureUser(server, other, username);
  await server.execute(`USE [app]; ${inDatabase(name, even).join('; ')}`);
  await server.execute(`USE ${bracket(other)}; ${inDatabase(name, !even).join('; ')}`);
  if (!even) await server.execute(`USE [archive]; DROP USER ${name}`);
}

async function ensureUser(server: RunningSqlServer, where: string, username: string): Promise<void> {
  const { sid } = server.login(username);
  if (server.inDatabase(where).principals.some((each) => each.sid === sid)) return;
  await server.execute(`USE ${bracket(where)}; CREATE USER ${bracket(username)} FOR LOGIN ${bracket(username)}`);
}

function inDatabase(name: string, even: boolean): readonly string[] {
  const gives = (statement: string) =>
    even ? `GRANT ${statement} TO ${name}` : `REVOKE ${statement} FROM ${name} CASCADE`;
  return [
    `ALTER USER ${name} WITH DEFAULT_SCHEMA = ${even ? 'sales' : '[no such schema]'}`,
    `ALTER ROLE ${even ? 'readers' : '[wri]]ters]'} ADD MEMBER ${name}`,
    `ALTER ROLE ${even ? '[wri]]ters]' : 'readers'} DROP MEMBER ${name}`,
    `ALTER ROLE db_datareader ${even ? 'ADD' : 'DROP'} MEMBER ${name}`,
    `GRANT SELECT ON OBJECT::sales.orders TO ${name}`,
    even
      ? `DENY SELECT ON OBJECT::sales.orders (note) TO ${name}`
      : `REVOKE SELECT ON OBJECT::sales.orders (id) FROM ${name}`,
    `GRANT UPDATE ON OBJECT::sales.[o]]rders] ([a b]) TO ${name}${even ? ' WITH GRANT OPTION' : ''}`,
    gives('EXECUTE ON OBJECT::dbo.count_orders'),
    gives('EXECUTE ON SCHEMA::sales'),
    gives('REFERENCES ON TYPE::sales.money'),
    gives('REFERENCES ON XML SCHEMA COLLECTION::sales.invoice'),
    gives('VIEW DEFINITION ON ROLE::readers'),
    gives('SEND ON SERVICE::[thing of class 17]'),
    gives('CONTROL ON CERTIFICATE::[thing of class 25]'),
    gives('VIEW DEFINITION ON SYMMETRIC KEY::[thing of class 24]'),
    gives('VIEW DEFINITION ON ASYMMETRIC KEY::[thing of class 26]'),
    gives('ALTER ON FULLTEXT CATALOG::[thing of class 23]'),
    gives('REFERENCES ON DATABASE SCOPED CREDENTIAL::[thing of class 32]'),
    gives('VIEW DATABASE STATE'),
    `${even ? 'DENY' : 'GRANT'} CREATE TABLE TO ${name}`,
  ];
}

/** Rights on things of this name, in the database and on the server. @returns how many things there are */
export async function furnishNamed(server: RunningSqlServer, username: string, thing: string): Promise<number> {
  const [name, what] = [bracket(username), bracket(thing)];
  const schema = server.addThing('app', { class: 3, name: thing });
  server.addThing('app', { class: 1, name: thing, schema, columns: [thing] });
  server.addThing('app', { class: 6, name: thing, schema });
  server.addThing('app', { class: 25, name: thing });
  // There is a role of that name, and everybody is in it.
  const isPublic = sameName(thing, 'public');
  if (!isPublic) await server.execute(`CREATE SERVER ROLE ${what}; ALTER SERVER ROLE ${what} ADD MEMBER ${name}`);
  await server.execute(
    [
      'USE [app]',
      ...(isPublic ? [] : [`CREATE ROLE ${what}`, `ALTER ROLE ${what} ADD MEMBER ${name}`]),
      `GRANT SELECT ON OBJECT::${what}.${what} TO ${name}`,
      `DENY UPDATE ON OBJECT::${what}.${what} (${what}) TO ${name}`,
      `GRANT EXECUTE ON SCHEMA::${what} TO ${name}`,
      `GRANT REFERENCES ON TYPE::${what}.${what} TO ${name}`,
      `GRANT CONTROL ON CERTIFICATE::${what} TO ${name}`,
      `ALTER USER ${name} WITH DEFAULT_SCHEMA = ${what}`,
    ].join('; '),
  );
  return 4;
}
