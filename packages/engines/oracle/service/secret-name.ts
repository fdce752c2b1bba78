/**
 * The name that the dictionary has of a user whom a secret names; written again here, so that a fault in the engine's
 * own does not go unseen.
 */
export function secretName(username: string): string {
  if (/^[A-Za-z][A-Za-z0-9_$#]*$/.test(username)) return username.toUpperCase();
  return username.startsWith('"') && username.endsWith('"') ? username.slice(1, -1) : username;
}
