/** Length of the piece of a spelling that is looked up first; shorter secrets cannot be told from chance. */
const keyLength = 12;

/** A spelling of a secret found in output. The secret itself is not told. */
export interface TaintFinding {
  /** How the secret was spelled: `raw`, `hex`, … */
  readonly form: string;
  /** Where in the text, in characters. */
  readonly offset: number;
}

/** Finds secrets in output, in every spelling in which output could carry them: thousands of secrets in one pass. */
export class TaintSearch {
  readonly #spellings = new Map<string, { form: string; text: string }[]>();

  /** From now on this secret is looked for. @throws Error for a secret too short to be told from chance */
  add(secret: string): void {
    for (const [form, text] of spellings(secret)) {
      if (text.length < keyLength) throw new Error(`a secret to search for must have ${keyLength} characters or more`);
      const key = text.slice(0, keyLength);
      const known = this.#spellings.get(key);
      if (known === undefined) this.#spellings.set(key, [{ form, text }]);
      else if (!known.some((spelling) => spelling.text === text)) known.push({ form, text });
    }
  }

  /** The first finding in the text; undefined where it is clean. */
  find(text: string): TaintFinding | undefined {
    for (let offset = 0; offset + keyLength <= text.length; offset += 1) {
      const spelled = this.#spellings.get(text.slice(offset, offset + keyLength));
      const hit = spelled?.find((spelling) => text.startsWith(spelling.text, offset));
      if (hit !== undefined) return { form: hit.form, offset };
    }
    return undefined;
  }
}

/** Every spelling of a secret that is looked for, by name. */
export function spellings(secret: string): [form: string, text: string][] {
  const bytes = Buffer.from(secret, 'utf8');
  const json = JSON.stringify(secret).slice(1, -1);
  const hex = bytes.toString('hex');
  return [
    ['raw', secret],
    ['JSON-escaped', json],
    ['JSON-escaped twice', JSON.stringify(json).slice(1, -1)],
    ['URL-escaped', encodeURIComponent(secret)],
    ['form-escaped', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['SQL-escaped', secret.replaceAll("'", "''")],
    ['backslash-escaped', secret.replaceAll('\\', '\\\\').replaceAll("'", "\\'")],
    ['hex', hex],
    ['upper-case hex', hex.toUpperCase()],
    ...[0, 1, 2].map((shift): [string, string] => [`base64, ${shift} bytes in`, innerBase64(bytes, shift)]),
    ...[0, 1, 2].map((shift): [string, string] => [
      `base64url, ${shift} bytes in`,
      innerBase64(bytes, shift).replaceAll('+', '-').replaceAll('/', '_'),
    ]),
  ];
}

/** The base64 characters that the secret alone decides when `shift` bytes stand before it and any bytes after. */
function innerBase64(bytes: Buffer, shift: number): string {
  const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
  const whole = Math.floor((padded.length * 8) / 6);
  return padded
    .toString('base64')
    .slice(0, whole)
    .slice(shift === 0 ? 0 : shift + 1);
}
