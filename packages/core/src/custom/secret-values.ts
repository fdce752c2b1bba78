/** Names of keys whose values are taken for secret. */
const secretName =
  /pass(?:word|wd|phrase|code)?$|pwd$|secret|token|credential|authorization|(?:api|access|account|encryption|master|private|service|shared|signing)[-_ ]?key|^key$/i;
/** Names of keys that tell of a secret and hold none. */
const publicName = /(?:arn|id|name|url|uri|endpoint)$/i;

/** Shorter values under such names are words like `none` and `basic`, and would be masked in every line. */
const shortestGuessed = 6;

/**
 * The strings of a secret that must stand in no output: under the keys that a rotation replaces, and under those whose
 * name says that they hold a secret, at any depth.
 */
export function secretValues(values: unknown, rotatedKeys: readonly string[]): readonly string[] {
  const found = new Set<string>();
  if (typeof values !== 'object' || values === null) return [];
  for (const [key, value] of Object.entries(values)) {
    if (rotatedKeys.includes(key)) strings(value).forEach((text) => void found.add(text));
    else guessed(key, value).forEach((text) => void found.add(text));
  }
  return [...found];
}

function guessed(key: string, value: unknown): string[] {
  if (secretName.test(key) && !publicName.test(key)) {
    return strings(value).filter(({ length }) => length >= shortestGuessed);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([inner, each]) => guessed(inner, each));
}

/** Every string in a value, at any depth. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}
