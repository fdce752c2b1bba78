/** Where a server is. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** Whether a text is a host name or an address and nothing else: drivers take a host with a slash for a socket's path. */
export function isHostName(text: string): boolean {
  return /^[\p{L}\p{N}._:-]{1,255}$/u.test(text);
}

/** One {@link isHostName} or several with commas between, each of which may have a port. */
export function isHostList(text: string): boolean {
  return text.split(',').every(isHostName);
}

/** A host name as it is compared: without regard to case and a trailing dot. */
export function plainHost(host: string): string {
  // ASCII alone, as in DNS: toLowerCase would make a k of the Kelvin sign, and so one name of two.
  return host.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}
