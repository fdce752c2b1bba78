/** Writes the fields of the server's messages, as the driver's buffer reads them. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];

  bytes(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  u8(...values: readonly number[]): this {
    return this.bytes(Buffer.from(values));
  }

  /** Numbers of a length of their own: a byte that says how many follow, then those. */
  number(...values: readonly number[]): this {
    for (const value of values) {
      let hex = value.toString(16);
      if (hex.length % 2 === 1) hex = `0${hex}`;
      const bytes = value === 0 ? Buffer.alloc(0) : Buffer.from(hex, 'hex');
      this.u8(bytes.length).bytes(bytes);
    }
    return this;
  }

  /** Bytes with their length before them, in chunks where there are many. */
  counted(bytes: Buffer): this {
    if (bytes.length <= 252) return this.u8(bytes.length).bytes(bytes);
    this.u8(254);
    for (let at = 0; at < bytes.length; at += 32_767) {
      const chunk = bytes.subarray(at, at + 32_767);
      this.number(chunk.length).bytes(chunk);
    }
    return this.number(0);
  }

  text(text: string): this {
    return this.counted(Buffer.from(text, 'utf8'));
  }

  /** Text that has its length before it a second time; nothing more where it is empty. */
  lengthAndText(text: string): this {
    const bytes = Buffer.from(text, 'utf8');
    this.number(bytes.length);
    return bytes.length === 0 ? this : this.counted(bytes);
  }

  /** A value of a row; no bytes at all are NULL. */
  value(text: string | null): this {
    return text === null ? this.u8(0) : this.text(text);
  }

  get buffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
