import { hostsOf, type RunStatements } from './accounts.ts';
import { account } from './quoting.ts';

/** What users are given rights in, and the rights of the administrator to give them on: for the server's start. */
export function furnishings(database: string, administrator: string, superuser: string): readonly string[] {
  const master = account(administrator, '%');
  return [
    `CREATE TABLE ${database}.orders (id INT, customer INT, note VARCHAR(20))`,
    `CREATE PROCEDURE ${database}.count_orders() SELECT COUNT(*) FROM orders`,
    `CREATE FUNCTION ${database}.one() RETURNS INT RETURN 1`,
    "CREATE USER keyturn_proxied@'localhost'",
    `GRANT PROCESS, SHOW DATABASES ON *.* TO ${master} WITH GRANT OPTION`,
    `GRANT ALL ON \`${database}%\`.* TO ${master} WITH GRANT OPTION`,
    // Whoever starts the server has no account, so that no GRANT of his can lend anybody.
    ...[administrator, superuser].map(
      (lender) =>
        `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant) VALUES ('%', '${lender}', '%', 'keyturn_proxied', 1)`,
    ),
    'FLUSH PRIVILEGES',
  ];
}

/** Rights of every kind for a user, for three sets of hosts; every other time, others. */
export async function furnishOld(run: RunStatements, database: string, username: string): Promise<void> {
  const everywhere = account(username, '%');
  const inside = account(username, '10.%');
  const elsewhere = account(username, 'db.example.com');
  const hosts = await hostsOf(run, username);
  if (hosts.includes('db.example.com')) {
    await run(
      `REVOKE PROCESS ON *.* FROM ${everywhere}`,
      `GRANT SHOW DATABASES ON *.* TO ${everywhere}`,
      `REVOKE CREATE, GRANT OPTION ON ${database}.* FROM ${everywhere}`,
      `REVOKE UPDATE (note) ON ${database}.orders FROM ${inside}`,
      `GRANT INSERT (id, customer) ON ${database}.orders TO ${inside}`,
      `REVOKE EXECUTE ON FUNCTION ${database}.one FROM ${inside}`,
      `REVOKE PROXY ON keyturn_proxied@'localhost' FROM ${inside}`,
      `DROP USER ${elsewhere}`,
      `GRANT USAGE ON *.* TO ${everywhere} WITH MAX_USER_CONNECTIONS 60`,
    );
    return;
  }
  const bytes = Buffer.from(username, 'utf8').toString('hex');
  const [row] = await run(
    `SELECT Password AS hash FROM mysql.user WHERE CAST(User AS BINARY) IN (0x${bytes}) AND Host = '%'`,
  );
  const made = [inside, elsewhere].filter((name) => name === elsewhere || !hosts.includes('10.%'));
  await run(
    // All accounts have one password: whichever of them a login is matched with takes it.
    ...made.map((name) => `CREATE USER ${name} IDENTIFIED BY PASSWORD '${String(row?.hash)}'`),
    `GRANT ALL ON ${database}.* TO ${everywhere} WITH GRANT OPTION`,
    `GRANT PROCESS ON *.* TO ${everywhere}`,
    `GRANT SELECT, SHOW VIEW ON \`${database}\\_%\`.* TO ${everywhere}`,
    `GRANT SELECT, TRIGGER ON ${database}.orders TO ${inside} WITH GRANT OPTION`,
    `GRANT SELECT (id, customer), UPDATE (note) ON ${database}.orders TO ${inside}`,
    `GRANT EXECUTE ON PROCEDURE ${database}.count_orders TO ${inside} WITH GRANT OPTION`,
    `GRANT EXECUTE, ALTER ROUTINE ON FUNCTION ${database}.one TO ${inside}`,
    `GRANT PROXY ON keyturn_proxied@'localhost' TO ${inside}`,
    `GRANT USAGE ON *.* TO ${inside} REQUIRE SUBJECT '/CN=client' AND ISSUER '/CN=authority'`,
    `GRANT USAGE ON *.* TO ${everywhere} WITH MAX_QUERIES_PER_HOUR 100000 MAX_USER_CONNECTIONS 50`,
  );
}
