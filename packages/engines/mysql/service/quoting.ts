/** `user@host`, quoted; written again here, so that a fault in the engine's own does not go unseen. */
export function account(username: string, host: string): string {
  return [username, host].map((name) => `\`${name.replaceAll('`', '``')}\``).join('@');
}

/** A string for a session with NO_BACKSLASH_ESCAPES. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
