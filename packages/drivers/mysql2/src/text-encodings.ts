// Stands in for iconv-lite in bundles: mysql2 asks it for every encoding that Buffer does not know. This engine's
// connections speak utf8mb4, so that only the names of other encodings ever come up, and Node itself knows those.

/** Encodings as mysql2 names them, where TextDecoder has another name or none. */
const names: Readonly<Record<string, string>> = {
  // MySQL's three-byte utf8: the same as UTF-8 for everything that it can hold.
  cesu8: 'utf-8',
  binary: 'latin1',
};

/** Text from bytes. */
export function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(names[encoding] ?? encoding).decode(bytes);
}

/** Bytes from text. Nothing is ever sent in another encoding than UTF-8. */
export function encode(text: string, encoding: string): Buffer {
  if ((names[encoding] ?? encoding) !== 'utf-8') throw new Error(`${encoding} is not sent here`);
  return Buffer.from(text, 'utf8');
}

/** A decoder that keeps what an incomplete character needs. */
export function getDecoder(encoding: string): { write(bytes: Uint8Array): string; end(): string } {
  const decoder = new TextDecoder(names[encoding] ?? encoding);
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}
