import { account, type RunStatements, storedHash } from './accounts.ts';

/** Names of what a furnished user has rights in; {@link furnishings} makes it all. */
const readers = 'keyturn_readers';
const writers = 'keyturn_writers';
const proxied = 'keyturn_proxied';

/** What users are given rights in, and the rights of two administrators to give them on: for the server's start. */
export function furnishings(database: string, administrator: string, superuser: string): readonly string[] {
  return [
    `CREATE TABLE ${database}.orders (id INT, customer INT, note VARCHAR(20))`,
    `CREATE PROCEDURE ${database}.count_orders() SELECT COUNT(*) FROM orders`,
    `CREATE FUNCTION ${database}.one() RETURNS INT RETURN 1`,
    `CREATE USER ${proxied}@'localhost' ACCOUNT LOCK`,
    // Whoever starts the server has no account, so that no GRANT of his can make the first who may hand a role on.
    ...[readers, writers].flatMap((role) => [
      `CREATE ROLE ${role} WITH ADMIN '${administrator}'@'%'`,
      `INSERT INTO mysql.roles_mapping (Host, User, Role, Admin_option) VALUES ('%', '${superuser}', '${role}', 'Y')`,
    ]),
    `GRANT SELECT ON ${database}.* TO ${readers}`,
    `GRANT INSERT, UPDATE ON ${database}.* TO ${writers}`,
    `GRANT PROCESS, SHOW DATABASES ON *.* TO '${administrator}'@'%' WITH GRANT OPTION`,
    `GRANT ALL ON \`${database}%\`.* TO '${administrator}'@'%' WITH GRANT OPTION`,
    ...[administrator, superuser].map(
      (lender) =>
        `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant) VALUES ('%', '${lender}', '%', '${proxied}', 1)`,
    ),
    'FLUSH PRIVILEGES',
  ];
}

/** Rights of every kind for a user, for three sets of hosts; every other time, others. */
export async function furnish(run: RunStatements, database: string, username: string, tls: boolean): Promise<void> {
  const everywhere = account(username, '%');
  const inside = account(username, '10.%');
  const elsewhere = account(username, 'db.example.com');
  const [orders, one, count] = [`${database}.orders`, `FUNCTION ${database}.one`, `PROCEDURE ${database}.count_orders`];
  const roles = await run(
    `SELECT Role FROM mysql.roles_mapping WHERE Host = '%' AND BINARY User = 0x${Buffer.from(username).toString('hex')}`,
  );
  const has = (role: string) => roles.some(({ Role }) => Role === role);
  if (has(readers)) {
    await run(
      `GRANT ${writers} TO ${everywhere} WITH ADMIN OPTION`,
      `SET DEFAULT ROLE ${writers} FOR ${everywhere}`,
      `REVOKE ${readers} FROM ${everywhere}`,
      `REVOKE PROCESS ON *.* FROM ${everywhere}`,
      `GRANT SHOW DATABASES ON *.* TO ${everywhere}`,
      `REVOKE CREATE, GRANT OPTION ON ${database}.* FROM ${everywhere}`,
      `REVOKE UPDATE (note) ON ${orders} FROM ${inside}`,
      `GRANT INSERT (id, customer) ON ${orders} TO ${inside}`,
      `REVOKE EXECUTE ON ${one} FROM ${inside}`,
      `REVOKE PROXY ON ${proxied}@'localhost' FROM ${inside}`,
      `DROP USER ${elsewhere}`,
      `ALTER USER ${everywhere} WITH MAX_USER_CONNECTIONS 60 MAX_STATEMENT_TIME 0 PASSWORD EXPIRE NEVER`,
    );
    return;
  }
  // All accounts have one password: whichever of them a login is matched with takes it.
  const hash = await storedHash(run, username);
  if (has(writers)) {
    await run(
      `REVOKE ${writers} FROM ${everywhere}`,
      `REVOKE SHOW DATABASES ON *.* FROM ${everywhere}`,
      `REVOKE INSERT (id, customer) ON ${orders} FROM ${inside}`,
      `CREATE USER ${elsewhere} IDENTIFIED BY PASSWORD '${hash}'`,
    );
  } else {
    await run(...[inside, elsewhere].map((host) => `CREATE USER ${host} IDENTIFIED BY PASSWORD '${hash}'`));
  }
  await run(
    `GRANT ALL ON ${database}.* TO ${everywhere} WITH GRANT OPTION`,
    `GRANT PROCESS ON *.* TO ${everywhere}`,
    `GRANT SELECT, SHOW VIEW ON \`${database}\\_%\`.* TO ${everywhere}`,
    `GRANT ${readers} TO ${everywhere}`,
    `SET DEFAULT ROLE ${readers} FOR ${everywhere}`,
    `GRANT ${readers} TO ${inside} WITH ADMIN OPTION`,
    `GRANT SELECT, DELETE HISTORY ON ${orders} TO ${inside} WITH GRANT OPTION`,
    `GRANT SELECT (id, customer), UPDATE (note) ON ${orders} TO ${inside}`,
    `GRANT EXECUTE ON ${count} TO ${inside} WITH GRANT OPTION`,
    `GRANT EXECUTE, ALTER ROUTINE ON ${one} TO ${inside}`,
    `GRANT PROXY ON ${proxied}@'localhost' TO ${inside}`,
    `ALTER USER ${inside} REQUIRE SUBJECT '/CN=client' AND ISSUER '/CN=authority' ACCOUNT LOCK`,
    `ALTER USER ${everywhere} REQUIRE ${tls ? 'SSL' : 'NONE'} WITH MAX_QUERIES_PER_HOUR 100000 MAX_USER_CONNECTIONS 50 MAX_STATEMENT_TIME 7.5 PASSWORD EXPIRE INTERVAL 90 DAY`,
  );
}
