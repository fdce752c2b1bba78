/** Why no user of MariaDB can have this name; undefined where one can. */
export function refusesUsername(name: string): string | undefined {
  if (/[\u{10000}-\u{10ffff}]/u.test(name)) return "the server's names hold no character beyond U+FFFF";
  if (name.endsWith(' ')) return 'the server drops spaces at the end';
  return /^'.*'$/s.test(name) ? 'at a login the server takes quotes around the name for quotes' : undefined;
}
