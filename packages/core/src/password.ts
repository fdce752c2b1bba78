/**
 * A password on its way from the secret to the driver. It prints as `[password]` wherever something
 * tries to print it; {@link Password.reveal} is the one way to its text, so every use can be found by name.
 */
export class Password {
  // A private field: util.inspect does not show it.
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The plain text. Hand it to a driver or a verifier only. */
  reveal(): string {
    return this.#text;
  }

  equals(other: Password): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return '[password]';
  }

  toJSON(): string {
    return '[password]';
  }
}
