/** What stands in for a secret value in any output. */
const mask = '[redacted]';

/** Shorter values would mask ordinary words; no engine here accepts passwords of so few characters by default. */
const shortestProtected = 4;

/** How many characters tell where a form may begin: every form has as many. */
const beginningLength: number = shortestProtected;

/** How a redactor works. */
export interface RedactorOptions {
  /** How many values are remembered: those of the last rotations, so that a warm process does not grow. @default 16 */
  readonly most?: number | undefined;
  /** In which forms a value is masked. @default - plain, and as JSON, URL, base64 and hex spell it */
  readonly formsOf?: ((secret: string) => readonly string[]) | undefined;
}

/**
 * Takes secret values out of text: the one place through which every log line and every unexpected
 * error's message passes. It is the second line of defence; the first is that nothing hands it a secret.
 */
export class Redactor {
  readonly #most: number;
  readonly #formsOf: (secret: string) => readonly string[];
  readonly #forms = new Map<string, readonly string[]>();
  /** How each form begins; made when a text is looked at. */
  #beginnings: ReadonlySet<string> | undefined;

  constructor({ most = 16, formsOf = spellings }: RedactorOptions = {}) {
    this.#most = most;
    this.#formsOf = formsOf;
  }

  /** From now on this value is masked, in all its forms. */
  protect(secret: string): void {
    if (secret.length < shortestProtected) return;
    const known = this.#forms.get(secret);
    this.#forms.delete(secret);
    this.#forms.set(secret, known ?? this.#formsOf(secret));
    if (known !== undefined) return;
    const oldest = this.#forms.keys().next().value;
    if (this.#forms.size > this.#most && oldest !== undefined) this.#forms.delete(oldest);
    this.#beginnings = undefined;
  }

  /** The text with every protected value masked. */
  redact(text: string): string {
    if (!this.#mayHoldOne(text)) return text;
    let clean = text;
    for (const forms of this.#forms.values()) {
      for (const form of forms) clean = clean.replaceAll(form, mask);
    }
    return clean;
  }

  /** Nearly no text holds a value. To look for hundreds of forms in each would take a tenth of a warm rotation. */
  #mayHoldOne(text: string): boolean {
    this.#beginnings ??= new Set([...this.#forms.values()].flat().map((form) => form.slice(0, beginningLength)));
    for (let at = 0; at + beginningLength <= text.length; at += 1) {
      if (this.#beginnings.has(text.slice(at, at + beginningLength))) return true;
    }
    return false;
  }

  /** For JSON.stringify: masks every string on its way into a line. */
  readonly replacer = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? this.redact(value) : value;
}

/** The forms in which a value may turn up in output, longest first so that no longer form is cut in its middle. */
export function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // Half of a surrogate pair has no place in a URL: what is sent in its stead is masked.
  const sent = secret.toWellFormed();
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(sent),
    encodeURI(sent),
    new URLSearchParams({ '': secret }).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
