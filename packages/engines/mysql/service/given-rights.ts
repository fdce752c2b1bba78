import type { RunStatements } from './accounts.ts';
import { account } from './quoting.ts';

/** What a server of somebody's own is given besides users, and loses again. */
export interface Furnishing {
  readonly run: RunStatements;
  /** A database of the tests' own; roles are named after it. */
  readonly database: string;
  /** From 8.0 on. */
  readonly hasRoles: boolean;
}

const rolesOf = (database: string): readonly [readers: string, writers: string] => [
  account(`${database}_r`, '%'),
  account(`${database}_w`, '%'),
];

/** Makes the roles that users get. @returns what drops them */
export async function makeRoles({ run, database, hasRoles }: Furnishing): Promise<readonly string[]> {
  if (!hasRoles) return [];
  const roles = rolesOf(database);
  await run(...roles.map((role) => `CREATE ROLE ${role}`));
  return roles.map((role) => `DROP USER IF EXISTS ${role}`);
}

/** Rights and limits that every server has, and roles from 8.0 on; every other time, others. */
export async function furnish({ run, database, hasRoles }: Furnishing, username: string, round: number): Promise<void> {
  const user = account(username, '%');
  const [readers, writers] = rolesOf(database);
  // Escaped, it is no pattern but for its last character.
  const alike = `\`${database.replaceAll('_', '\\_')}\\_%\`.*`;
  if (round % 2 === 1) {
    await run(
      `REVOKE PROCESS ON *.* FROM ${user}`,
      `GRANT SHOW DATABASES ON *.* TO ${user}`,
      `REVOKE CREATE, GRANT OPTION ON ${database}.* FROM ${user}`,
      `REVOKE SELECT, SHOW VIEW ON ${alike} FROM ${user}`,
      `ALTER USER ${user} WITH MAX_USER_CONNECTIONS 60 PASSWORD EXPIRE NEVER`,
      ...(hasRoles
        ? [
            `REVOKE ${readers} FROM ${user}`,
            `GRANT ${writers} TO ${user} WITH ADMIN OPTION`,
            `ALTER USER ${user} DEFAULT ROLE ${writers}`,
            `REVOKE CONNECTION_ADMIN ON *.* FROM ${user}`,
            `GRANT SESSION_VARIABLES_ADMIN ON *.* TO ${user} WITH GRANT OPTION`,
            `ALTER USER ${user} PASSWORD HISTORY DEFAULT`,
          ]
        : []),
    );
    return;
  }
  await run(
    ...(round === 0 ? [] : [`REVOKE SHOW DATABASES ON *.* FROM ${user}`]),
    `GRANT PROCESS ON *.* TO ${user}`,
    `GRANT ALL ON ${database}.* TO ${user} WITH GRANT OPTION`,
    `GRANT SELECT, SHOW VIEW ON ${alike} TO ${user}`,
    `ALTER USER ${user} WITH MAX_QUERIES_PER_HOUR 100000 MAX_USER_CONNECTIONS 50 PASSWORD EXPIRE INTERVAL 90 DAY`,
    ...(hasRoles
      ? [
          ...(round === 0
            ? []
            : [`REVOKE ${writers} FROM ${user}`, `REVOKE SESSION_VARIABLES_ADMIN ON *.* FROM ${user}`]),
          `GRANT ${readers} TO ${user}`,
          `ALTER USER ${user} DEFAULT ROLE ${readers}`,
          `GRANT CONNECTION_ADMIN ON *.* TO ${user}`,
          `ALTER USER ${user} PASSWORD HISTORY 6`,
        ]
      : []),
  );
}
