import { RotationError } from '@keyturn/core';
import type { Context } from './errors.ts';

/** Numbers of authentication requests (PostgreSQL manual, "Message Formats": Authentication…). */
const ok = 0;
const cleartext = 3;
const md5 = 5;
const sasl = 10;
const saslContinue = 11;
const saslFinal = 12;

/** Which request may follow which. SASLFinal is the server's own proof: it may not be left out. */
const mayFollow: Readonly<Record<number, readonly number[]>> = {
  [cleartext]: [ok],
  [md5]: [ok],
  [sasl]: [saslContinue],
  [saslContinue]: [saslFinal],
  [saslFinal]: [ok],
  [ok]: [],
};

/** Requests that the driver does not speak. */
const unspoken: Readonly<Record<number, string>> = {
  2: 'Kerberos V5',
  6: 'SCM credentials',
  7: 'GSSAPI',
  8: 'GSSAPI',
  9: 'SSPI',
};

const askForScram = "Let the server's pg_hba.conf ask this user for scram-sha-256.";

/** What a login is answered is far less; this is where a stream of something else ends. */
const longestMessage = 1_000_000;

/** What a server that has let the user in may say at once: the access lists of many thousand objects. */
const longestAnswer = 64_000_000;

/**
 * Reads along, ahead of the driver, for requests to prove the password. The driver would send it in the
 * clear to whoever asks, as often as they ask, and throws at requests that it does not know.
 */
export class AuthenticationWatch {
  readonly #context: Context;
  readonly #isPlaintext: boolean;
  #unread: Buffer = Buffer.alloc(0);
  /** How much is still to come of a message that is no request. */
  #toSkip = 0;
  #last: number | undefined;
  /** The server asked for the password itself, as it does for IAM, PAM, LDAP and RADIUS. */
  askedForCleartext = false;

  constructor(context: Context, isPlaintext: boolean) {
    this.#context = context;
    this.#isPlaintext = isPlaintext;
  }

  /** Takes what the server sent, as long as the connection lives; returns the reason to end it before the driver sees it. */
  read(bytes: Buffer): RotationError | undefined {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    const news = bytes.subarray(skipped);
    this.#unread = this.#unread.length === 0 ? news : Buffer.concat([this.#unread, news]);
    while (this.#unread.length >= 5) {
      const length = 1 + this.#unread.readInt32BE(1);
      if (length < 5 || length > (this.#last === ok ? longestAnswer : longestMessage)) return this.#notPostgres();
      if (this.#unread[0] !== 0x52) {
        this.#toSkip = Math.max(0, length - this.#unread.length);
        this.#unread = this.#unread.subarray(length);
        continue;
      }
      if (this.#unread.length < length) return undefined;
      const refusal = this.#readRequest(this.#unread.subarray(5, length));
      this.#unread = this.#unread.subarray(length);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #readRequest(body: Buffer): RotationError | undefined {
    if (body.length < 4) return this.#notPostgres();
    const [code, rest] = [body.readInt32BE(0), body.subarray(4)];
    if (this.#last === undefined) {
      this.#last = code;
      return this.#readFirst(code, rest);
    }
    if (mayFollow[this.#last]?.includes(code) !== true) return this.#notPostgres();
    this.#last = code;
    return undefined;
  }

  #readFirst(code: number, rest: Buffer): RotationError | undefined {
    switch (code) {
      case ok:
        return this.#unsupported('the server asked for no password, so that the login proves none', askForScram);
      case cleartext:
        this.askedForCleartext = true;
        if (rest.length > 0) return this.#notPostgres();
        return this.#isPlaintext
          ? this.#unsupported(
              'without TLS, the server asked for the password in clear text',
              `Remove "ssl": false from the secret. Or: ${askForScram}`,
            )
          : undefined;
      case md5:
        return rest.length === 4 ? undefined : this.#notPostgres();
      case sasl:
        return rest.toString('latin1').split('\0').includes('SCRAM-SHA-256')
          ? undefined
          : this.#unsupported('the server offers no SCRAM-SHA-256', askForScram);
    }
    return this.#unsupported(`the server asked for ${unspoken[code] ?? `authentication method ${code}`}`, askForScram);
  }

  #unsupported(message: string, remedy: string): RotationError {
    return new RotationError('auth-method-unsupported', { ...this.#context, message, remedy });
  }

  #notPostgres(): RotationError {
    return new RotationError('connection-lost', {
      ...this.#context,
      message: 'the server broke the protocol of PostgreSQL',
      remedy: 'Check host and port in the secret, and what stands between the function and the server.',
    });
  }
}
