/** Runs statements in their order with every right, and returns the rows of the last. */
export type RunStatements = (...statements: readonly string[]) => Promise<Record<string, unknown>[]>;

/** The hosts for which the user has an account. */
export async function hostsOf(run: RunStatements, username: string): Promise<readonly string[]> {
  const bytes = Buffer.from(username, 'utf8').toString('hex');
  const rows = await run(`SELECT Host FROM mysql.user WHERE CAST(User AS BINARY) IN (0x${bytes}) ORDER BY Host`);
  return rows.map(({ Host }) => String(Host));
}
