/** Names as the server's collation compares them: without case, and without the spaces at their end. */
export function sameName(one: string, other: string): boolean {
  return one === other || nameKey(one) === nameKey(other);
}

/** What {@link sameName} compares. */
export function nameKey(name: string): string {
  return (name.endsWith(' ') ? name.replace(/ +$/, '') : name).toLowerCase();
}
