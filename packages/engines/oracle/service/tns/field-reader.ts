/** The message is not whole yet. */
export class MoreNeeded extends Error {}

/** Reads the fields of the client's messages. @throws MoreNeeded where they end too early */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  bytes(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new MoreNeeded();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  u8(): number {
    return this.bytes(1)[0] ?? 0;
  }

  number(): number {
    const size = this.u8();
    if (size > 8) throw new Error(`no number has ${size} bytes`);
    return size === 0 ? 0 : Number(`0x${this.bytes(size).toString('hex')}`);
  }

  /** Reads and forgets so many numbers. */
  skipNumbers(count: number): this {
    for (let i = 0; i < count; i += 1) this.number();
    return this;
  }

  skip(count: number): this {
    this.bytes(count);
    return this;
  }

  counted(): Buffer {
    const length = this.u8();
    if (length === 0 || length === 255) return Buffer.alloc(0);
    if (length !== 254) return this.bytes(length);
    const chunks: Buffer[] = [];
    for (let size = this.number(); size > 0; size = this.number()) chunks.push(this.bytes(size));
    return Buffer.concat(chunks);
  }

  text(): string {
    return this.counted().toString('utf8');
  }

  lengthAndText(): string {
    return this.number() === 0 ? '' : this.text();
  }
}
