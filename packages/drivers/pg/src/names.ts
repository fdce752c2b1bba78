/** What a product takes as a name. */
export interface NameRules {
  /** As messages name it: `PostgreSQL`. */
  readonly product: string;
  /** Longer names are cut off by the server, and then mean another object. */
  readonly maxBytes: number;
}

/** A name as a quoted identifier. It must have no {@link faultOfName}. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Why the server would read this name as another one, in words that go after it; undefined where it would not. */
export function faultOfName(name: string, { product, maxBytes }: NameRules): string | undefined {
  if (name === '') return 'is empty';
  // In the startup message NUL ends a value: what follows would be read as further options.
  if (name.includes('\0')) return `holds NUL, which no ${product} name can hold`;
  // A lone surrogate has no UTF-8 form: it would go out as another character.
  if (!name.isWellFormed()) return 'is not well-formed Unicode';
  const bytes = Buffer.byteLength(name, 'utf8');
  return bytes > maxBytes ? `is ${bytes} bytes long; ${product} takes ${maxBytes}` : undefined;
}

/** Whether a text would break a log line, or hide a part of itself. */
export function unprintable(text: string): boolean {
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(text);
}
