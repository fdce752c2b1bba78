/** What stands in for a secret value in any output. */
const mask = '[redacted]';

/** Shorter values would mask ordinary words; no engine here accepts passwords of so few characters by default. */
const shortestProtected = 4;

/** How many values are remembered: those of the last rotations, so that a warm process does not grow. */
const mostProtected = 16;

/**
 * Takes secret values out of text: the one place through which every log line and every unexpected
 * error's message passes. It is the second line of defence; the first is that nothing hands it a secret.
 */
export class Redactor {
  readonly #spellings = new Map<string, readonly string[]>();

  /** From now on this value is masked, plain and as JSON, URL, base64 and hex spell it. */
  protect(secret: string): void {
    if (secret.length < shortestProtected) return;
    this.#spellings.delete(secret);
    this.#spellings.set(secret, spellings(secret));
    const oldest = this.#spellings.keys().next().value;
    if (this.#spellings.size > mostProtected && oldest !== undefined) this.#spellings.delete(oldest);
  }

  /** The text with every protected value masked. */
  redact(text: string): string {
    let clean = text;
    for (const forms of this.#spellings.values()) {
      for (const form of forms) clean = clean.replaceAll(form, mask);
    }
    return clean;
  }

  /** For JSON.stringify: masks every string on its way into a line. */
  readonly replacer = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? this.redact(value) : value;
}

/** The forms in which a value may turn up in output, longest first so that no longer form is cut in its middle. */
function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
