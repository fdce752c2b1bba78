/** Why no user of MySQL can have this name; undefined where one can. */
export function refusesUsername(name: string, longest = 32): string | undefined {
  if (/[\u{10000}-\u{10ffff}]/u.test(name)) return "the server's names hold no character beyond U+FFFF";
  if (name.endsWith(' ')) return 'the server drops spaces at the end';
  if ([...name].length > longest) return `the server's user names have at most ${longest} characters`;
  return /^'.*'$/s.test(name) ? 'at a login the server takes quotes around the name for quotes' : undefined;
}

/** The name as the server could have it for something else than a user. */
export function fitting(name: string): string {
  return [...name.replace(/[\u{10000}-\u{10ffff}]/gu, 'x')].slice(0, 64).join('').replace(/\s+$/, '');
}
