import type { Duplex } from 'node:stream';

/** A message of the client: its type and its body. */
export interface ClientMessage {
  readonly type: string;
  readonly body: Buffer;
}

/** Reads a stream as far as is asked for. */
export class Reader {
  readonly #stream: Duplex;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** @returns undefined at the end of the stream */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#bytes.length < length) {
      const more: Buffer | null = this.#stream.read();
      if (more !== null) {
        this.#bytes = Buffer.concat([this.#bytes, more]);
        continue;
      }
      if (this.#stream.readableEnded || this.#stream.destroyed) return undefined;
      await this.#change();
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const events = ['readable', 'end', 'close'] as const;
      const done = () => {
        for (const event of events) this.#stream.off(event, done);
        resolve();
      };
      for (const event of events) this.#stream.on(event, done);
    });
  }

  /** The next message. @returns undefined at the end of the stream, and for what is no message */
  async message(): Promise<ClientMessage | undefined> {
    const head = await this.take(5);
    if (head === undefined) return undefined;
    const length = head.readInt32BE(1) - 4;
    if (length < 0 || length > 64_000_000) return undefined;
    const body = await this.take(length);
    return body === undefined ? undefined : { type: String.fromCharCode(head[0] ?? 0), body };
  }
}
