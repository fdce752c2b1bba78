/** How many logins of this user the answer to ACL LOG counts as refused. */
export function refusedLogins(answer: unknown, username: string): number {
  let refused = 0;
  for (const entry of answer as readonly (readonly unknown[])[]) {
    // Names and values in turn.
    const fields = new Map<unknown, unknown>();
    for (let i = 0; i + 1 < entry.length; i += 2) fields.set(entry[i], entry[i + 1]);
    if (fields.get('reason') === 'auth' && fields.get('username') === username) refused += Number(fields.get('count'));
  }
  return refused;
}
