import { Redactor, spellings } from '../redact.ts';

/** How many values are remembered: several keys of several versions, and a warm process does not grow. */
const mostProtected = 64;

/** No shorter piece of base64 is masked: it would be found in ordinary words. */
const shortestBase64 = 6;

/**
 * Masks what code of somebody else's may put into an error: every spelling of the redactor, and a value inside longer
 * base64, such as that of an Authorization header, where it is one part of what was encoded.
 */
export class WideRedactor extends Redactor {
  constructor() {
    super({ most: mostProtected, formsOf: wideForms });
  }
}

/** The text without any of these values. */
export function masked(text: string, values: readonly string[]): string {
  const redactor = new Redactor({ most: Number.POSITIVE_INFINITY, formsOf: wideForms });
  for (const value of values) redactor.protect(value);
  return redactor.redact(text);
}

function wideForms(secret: string): readonly string[] {
  return [...spellings(secret), ...innerBase64(secret)];
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
