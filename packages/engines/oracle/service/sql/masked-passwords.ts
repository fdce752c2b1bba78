/** A statement as the server's audit trail keeps it: with `*` in the place of passwords. */
export function maskedPasswords(sql: string): string {
  return sql.replace(/\b(BY|REPLACE)(\s+)("[^"]*"?|\S+)/gi, '$1$2*');
}
