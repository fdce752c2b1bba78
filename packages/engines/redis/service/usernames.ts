/** Why no user of Redis can have this name; undefined where one can. */
export function refusesUsername(name: string): string | undefined {
  return /[\0\t\n\v\f\r ]/.test(name)
    ? 'a user of Redis has no space, no line break and no NUL in its name'
    : undefined;
}
