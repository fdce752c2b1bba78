/** An answer of the server that says no. */
export class Refusal extends Error {
  readonly code: number;
  readonly codeName: string;

  constructor(code: number, codeName: string, message: string) {
    super(message);
    this.code = code;
    this.codeName = codeName;
  }
}

export const unauthorized = (message: string): Refusal => new Refusal(13, 'Unauthorized', message);
export const badValue = (message: string): Refusal => new Refusal(2, 'BadValue', message);
