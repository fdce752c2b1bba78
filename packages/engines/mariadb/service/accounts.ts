/** Runs statements in their order with every right, and returns the rows of the last. */
export type RunStatements = (...statements: readonly string[]) => Promise<Record<string, unknown>[]>;

/** `user@host`, quoted; written again here, so that a fault in the engine's own does not go unseen. */
export function account(username: string, host: string): string {
  return [username, host].map((name) => `\`${name.replaceAll('`', '``')}\``).join('@');
}

/** The hosts for which the user has an account. */
export async function hostsOf(run: RunStatements, username: string): Promise<readonly string[]> {
  const bytes = Buffer.from(username, 'utf8').toString('hex');
  const rows = await run(`SELECT Host FROM mysql.global_priv WHERE BINARY User = 0x${bytes} ORDER BY Host`);
  return rows.map(({ Host }) => String(Host));
}

/** What the server keeps of the password of the user's account for all hosts. */
export async function storedHash(run: RunStatements, username: string): Promise<string> {
  const [row] = await run(`SHOW CREATE USER ${account(username, '%')}`);
  const hash = /'(\*[0-9A-F]{40})'/.exec(Object.values(row ?? {}).join())?.[1];
  if (hash === undefined) throw new Error(`the account of ${username} for all hosts has no password`);
  return hash;
}
