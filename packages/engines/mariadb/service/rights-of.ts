import { account, hostsOf, type RunStatements } from './accounts.ts';

/**
 * Everything that the server itself says of the user's accounts, without its name and its password, sorted.
 * A default role counts only while the role is granted, as in the server.
 */
export async function rightsOf(run: RunStatements, username: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const host of await hostsOf(run, username)) {
    const name = account(username, host);
    const said = [...(await run(`SHOW CREATE USER ${name}`)), ...(await run(`SHOW GRANTS FOR ${name}`))]
      .map((row) => String(Object.values(row)[0]))
      .map((line) => line.replaceAll(name, account('<user>', host)).replaceAll(/'\*[0-9A-F]{40}'/g, "'HASH'"));
    lines.push(...said.filter((line) => !isIdle(line, said)));
  }
  return lines.sort();
}

/** The default role of an account that does not have the role any more. */
function isIdle(line: string, all: readonly string[]): boolean {
  const role = /^SET DEFAULT ROLE (.*) FOR /s.exec(line)?.[1];
  return role !== undefined && !all.some((other) => other.startsWith(`GRANT ${role} TO `));
}
