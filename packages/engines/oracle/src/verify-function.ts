const kinds: readonly (readonly [RegExp, string])[] = [
  [/digit/, 'digits'],
  [/upper/, 'uppercase letters'],
  [/lower/, 'lowercase letters'],
  [/letter|alpha/, 'letters'],
  [/special|punct/, 'special characters'],
  [/differ/, 'characters other than before'],
];

/**
 * What a password verify function has asked for, in our words: of its text nothing but numbers and kinds of characters
 * are taken over, for a function may say the password.
 */
export function askedFor(text: string): string | undefined {
  const own = /ORA-20\d{3}: ([^\n]*)/.exec(text)?.[1]?.toLowerCase();
  if (own === undefined) return undefined;
  const least = /length less than (\d{1,3})\b/.exec(own)?.[1];
  if (least !== undefined) return `${least} characters or more`;
  const count = /at least (\d{1,2})\b/.exec(own)?.[1];
  const kind = kinds.find(([pattern]) => pattern.test(own))?.[1];
  if (count !== undefined && kind !== undefined) return `${count} or more ${kind}`;
  if (/user\s?name/.test(own)) return 'a password without the name of the user in it';
  return undefined;
}
