import { RotationError } from '../errors.ts';

/** The same failure with every text in it, the stack's too, passed through `redact`. */
export function redactedError(error: RotationError, redact: (text: string) => string): RotationError {
  const details = Object.fromEntries(
    Object.entries(error.details).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  );
  const clean = new RotationError(error.code, { ...error.details, ...details });
  if (error.stack !== undefined) clean.stack = redact(error.stack);
  return clean;
}
