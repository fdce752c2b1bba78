import { Redactor } from '../redact.ts';

/** How many values are remembered: several keys of several versions, and a warm process does not grow. */
const mostProtected = 64;

/** No shorter piece of base64 is masked: it would be found in ordinary words. */
const shortestBase64 = 6;

/**
 * Masks what code of somebody else's may put into an error: every spelling of the redactor, and a value inside longer
 * base64, such as that of an Authorization header, where it is one part of what was encoded.
 */
export class WideRedactor extends Redactor {
  readonly #known = new Map<string, (text: string) => string>();

  override protect(secret: string): void {
    this.#known.delete(secret);
    this.#known.set(secret, maskOf(secret));
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > mostProtected && oldest !== undefined) this.#known.delete(oldest);
  }

  override redact(text: string): string {
    let clean = text;
    for (const mask of this.#known.values()) clean = mask(clean);
    return clean;
  }
}

/** The text without any of these values. */
export function masked(text: string, values: readonly string[]): string {
  return [...new Set(values)].reduce((clean, value) => maskOf(value)(clean), text);
}

function maskOf(secret: string): (text: string) => string {
  const redactor = new Redactor();
  redactor.protect(secret);
  const pieces = innerBase64(secret);
  return (text) => pieces.reduce((clean, piece) => clean.replaceAll(piece, '[redacted]'), redactor.redact(text));
}

/** The base64 characters that a value alone decides, with 0, 1 or 2 bytes of something else before it. */
function innerBase64(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2]
    .map((shift) => {
      const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
      const whole = Math.floor((padded.length * 8) / 6);
      return padded
        .toString('base64')
        .slice(0, whole)
        .slice(shift === 0 ? 0 : shift + 1);
    })
    .filter(({ length }) => length >= shortestBase64)
    .flatMap((piece) => [piece, piece.replaceAll('+', '-').replaceAll('/', '_')]);
}
