/**
 * A word of the catalogue as statements have it: `SELECT`, `EXTERNAL FUNCTION`.
 * @returns undefined for anything else: it is not put into a statement
 */
export function wordOf(value: unknown): string | undefined {
  const word = String(value).toUpperCase();
  return /^[A-Z][A-Z _]*$/.test(word) ? word : undefined;
}

/** The types of a function's arguments, where they are nothing but that. */
export function typesOf(value: unknown): string | undefined {
  const types = String(value ?? '');
  return /^[A-Za-z0-9_ ,()[\]"]*$/.test(types) ? types : undefined;
}
