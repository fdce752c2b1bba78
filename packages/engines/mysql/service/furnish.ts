import { hostsOf, type RunStatements } from './accounts.ts';
import { objectKey } from './double/account.ts';
import type { Database } from './double/database.ts';
import { account, literal } from './quoting.ts';
import { fitting, refusesUsername } from './usernames.ts';

/** Names of what a furnished user has rights in; {@link furnishings} makes it all. */
const readers = 'keyturn_readers';
const writers = 'keyturn_writers';
const proxied = { user: 'keyturn_proxied', host: 'localhost' };

/** What users are given rights in: for the server's start. */
export function furnishings(model: Database, database: string): void {
  const { objects, version } = model;
  const plugin = version.plugins[0] ?? '';
  objects.databases.add(database);
  objects.tables.set(objectKey(database, 'orders'), new Set(['id', 'customer', 'note']));
  objects.routines.add(objectKey('PROCEDURE', database, 'count_orders'));
  objects.routines.add(objectKey('FUNCTION', database, 'one'));
  model.make(proxied, plugin).locked = true;
  if (!version.hasRoles) return;
  for (const role of [readers, writers]) model.make({ user: role, host: '%' }, plugin).locked = true;
}

/** Rights of every kind for a user, for three sets of hosts; every other time, others. */
export async function furnish(run: RunStatements, model: Database, database: string, username: string): Promise<void> {
  const everywhere = account(username, '%');
  const inside = account(username, '10.%');
  const elsewhere = account(username, 'db.example.com');
  const { hasRoles } = model.version;
  const hosts = await hostsOf(run, username);
  const found = model.find({ user: username, host: '%' });
  const isFirst = !hosts.includes('db.example.com');
  if (!isFirst) {
    await run(
      `REVOKE PROCESS ON *.* FROM ${everywhere}`,
      `GRANT SHOW DATABASES ON *.* TO ${everywhere}`,
      `REVOKE CREATE, GRANT OPTION ON ${database}.* FROM ${everywhere}`,
      `REVOKE UPDATE (note) ON ${database}.orders FROM ${inside}`,
      `GRANT INSERT (id, customer) ON ${database}.orders TO ${inside}`,
      `REVOKE EXECUTE ON FUNCTION ${database}.one FROM ${inside}`,
      `REVOKE PROXY ON 'keyturn_proxied'@'localhost' FROM ${inside}`,
      `DROP USER ${elsewhere}`,
      `ALTER USER ${everywhere} WITH MAX_USER_CONNECTIONS 60 PASSWORD EXPIRE NEVER`,
      ...(hasRoles
        ? [
            `GRANT ${writers} TO ${everywhere} WITH ADMIN OPTION`,
            `ALTER USER ${everywhere} DEFAULT ROLE ${writers}`,
            `REVOKE ${readers} FROM ${everywhere}`,
            `REVOKE CONNECTION_ADMIN ON *.* FROM ${everywhere}`,
            `GRANT SESSION_VARIABLES_ADMIN ON *.* TO ${everywhere} WITH GRANT OPTION`,
            `ALTER USER ${everywhere} PASSWORD HISTORY DEFAULT FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0`,
            `ALTER USER ${everywhere} ATTRIBUTE '{"team": null, "owner": {"name": "Ada"}}'`,
          ]
        : []),
    );
    return;
  }
  // All accounts have one password: whichever of them a login is matched with takes it.
  const method = `IDENTIFIED WITH '${found?.plugin}' AS ${literal(found?.verifier ?? '')}`;
  const made = [inside, elsewhere].filter((name) => name === elsewhere || !hosts.includes('10.%'));
  await run(
    ...made.map((name) => `CREATE USER ${name} ${method}`),
    `GRANT ALL ON ${database}.* TO ${everywhere} WITH GRANT OPTION`,
    `GRANT PROCESS ON *.* TO ${everywhere}`,
    `GRANT SELECT, SHOW VIEW ON \`${database}\\_%\`.* TO ${everywhere}`,
    `GRANT SELECT, TRIGGER ON ${database}.orders TO ${inside} WITH GRANT OPTION`,
    `GRANT SELECT (id, customer), UPDATE (note) ON ${database}.orders TO ${inside}`,
    `GRANT EXECUTE ON PROCEDURE ${database}.count_orders TO ${inside} WITH GRANT OPTION`,
    `GRANT EXECUTE, ALTER ROUTINE ON FUNCTION ${database}.one TO ${inside}`,
    `GRANT PROXY ON 'keyturn_proxied'@'localhost' TO ${inside}`,
    `ALTER USER ${inside} REQUIRE SUBJECT '/CN=client' AND ISSUER '/CN=authority' ACCOUNT LOCK`,
    `ALTER USER ${everywhere} WITH MAX_QUERIES_PER_HOUR 100000 MAX_USER_CONNECTIONS 50 PASSWORD EXPIRE INTERVAL 90 DAY`,
    ...(hasRoles
      ? [
          `REVOKE ${writers} FROM ${everywhere}`,
          `GRANT ${readers} TO ${everywhere}`,
          `ALTER USER ${everywhere} DEFAULT ROLE ${readers}`,
          `GRANT ${readers} TO ${inside} WITH ADMIN OPTION`,
          `GRANT CONNECTION_ADMIN ON *.* TO ${everywhere}`,
          `ALTER USER ${everywhere} PASSWORD HISTORY 6 PASSWORD REUSE INTERVAL 30 DAY PASSWORD REQUIRE CURRENT OPTIONAL FAILED_LOGIN_ATTEMPTS 40 PASSWORD_LOCK_TIME UNBOUNDED`,
          `ALTER USER ${everywhere} ATTRIBUTE '{"team": "orders", "owner": {"mail": "orders@example.com"}}'`,
          `ALTER USER ${inside} COMMENT 'from inside'`,
        ]
      : []),
  );
}

/** Rights in a database, a table, a column and a routine of this name, and a role of it. */
export async function furnishNamed(
  run: RunStatements,
  model: Database,
  username: string,
  name: string,
): Promise<number> {
  const quoted = (text: string): string => `\`${text.replaceAll('`', '``')}\``;
  const [place, named] = [fitting(`app ${name}`), fitting(name)];
  const to = account(username, '%');
  model.objects.databases.add(place);
  model.objects.tables.set(objectKey(place, named), new Set([named]));
  model.objects.routines.add(objectKey('PROCEDURE', place, named));
  await run(
    // In a grant on a database its name is a pattern; escaped, it is this one only.
    `GRANT SELECT, INSERT ON ${quoted(place.replace(/[\\%_]/g, '\\$&'))}.* TO ${to} WITH GRANT OPTION`,
    `GRANT DELETE, UPDATE (${quoted(named)}) ON ${quoted(place)}.${quoted(named)} TO ${to}`,
    `GRANT EXECUTE ON PROCEDURE ${quoted(place)}.${quoted(named)} TO ${to}`,
  );
  if (!model.version.hasRoles || refusesUsername(name) !== undefined) return 4;
  const role = { user: name, host: '%' };
  if (model.find(role) === undefined) model.make(role, model.version.plugins[0] ?? '').locked = true;
  await run(`GRANT ${account(name, '%')} TO ${to}`);
  for (const master of model.accounts.filter(({ user }) => user === 'keyturn master')) {
    master.roles.set(objectKey(name, '%'), true);
  }
  return 5;
}
