import type { Where } from '@keyturn/connection';
import { type Password, RotationError } from '@keyturn/core';
import { type AuthenticationRules, request } from './authentication-rules.ts';

const { ok, cleartext, md5, sasl, saslContinue, saslFinal } = request;

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
  [cleartext]: 'the password in clear text',
  [md5]: 'an MD5 hash',
  [sasl]: 'SASL',
};

/** What a login is answered is far less; this is where a stream of something else ends. */
const longestMessage = 1_000_000;

/** What a server that has let the user in may say at once: the access lists of many thousand objects. */
const longestAnswer = 64_000_000;

/** What is to be done with bytes of the server. */
export interface Reading {
  /** Why the connection ends; the driver then sees nothing of the bytes. */
  readonly refusal?: RotationError;
  /** What the driver may see. */
  readonly pass: Buffer;
  /** What the server gets in answer to requests that the driver must not see. */
  readonly answer?: Buffer;
}

/**
 * Reads along, ahead of the driver, for requests to prove the password. The driver would send it in the
 * clear to whoever asks, as often as they ask, and throws at requests that it does not know.
 */
export class AuthenticationWatch {
  readonly #where: Where;
  readonly #rules: AuthenticationRules;
  readonly #password: Password;
  readonly #isPlaintext: boolean;
  #unread: Buffer = Buffer.alloc(0);
  /** How much is still to come of a message that is no request. */
  #toSkip = 0;
  #last: number | undefined;
  /** The number of the request by which the server asked for the password. */
  asked: number | undefined;

  constructor(where: Where, rules: AuthenticationRules, password: Password, isPlaintext: boolean) {
    this.#where = where;
    this.#rules = rules;
    this.#password = password;
    this.#isPlaintext = isPlaintext;
  }

  /** Takes what the server sent, as long as the connection lives. Requests are held back until they are whole. */
  read(bytes: Buffer): Reading {
    const pass: Buffer[] = [];
    const answers: Buffer[] = [];
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    if (skipped > 0) pass.push(bytes.subarray(0, skipped));
    const news = bytes.subarray(skipped);
    this.#unread = this.#unread.length === 0 ? news : Buffer.concat([this.#unread, news]);
    while (this.#unread.length >= 5) {
      const length = 1 + this.#unread.readInt32BE(1);
      if (length < 5 || length > (this.#last === ok ? longestAnswer : longestMessage)) return this.#notPostgres();
      const isRequest = this.#unread[0] === 0x52;
      if (isRequest && this.#unread.length < length) break;
      const message = this.#unread.subarray(0, length);
      this.#unread = this.#unread.subarray(length);
      this.#toSkip = length - message.length;
      const verdict = isRequest ? this.#readRequest(message.subarray(5)) : undefined;
      if (verdict !== undefined && 'pass' in verdict) return verdict;
      if (verdict === undefined) pass.push(message);
      else answers.push(verdict);
    }
    const passed = pass.length === 1 ? (pass[0] ?? bytes) : Buffer.concat(pass);
    return answers.length === 0 ? { pass: passed } : { pass: passed, answer: Buffer.concat(answers) };
  }

  /** Undefined: the driver answers it; bytes: the answer; a reading: the end. */
  #readRequest(body: Buffer): Reading | Buffer | undefined {
    if (body.length < 4) return this.#notPostgres();
    const [code, rest] = [body.readInt32BE(0), body.subarray(4)];
    const last = this.#last;
    this.#last = code;
    if (last === undefined) return this.#readFirst(code, rest);
    const allowed = this.#rules.own?.has(last) === true ? [ok] : mayFollow[last];
    return allowed?.includes(code) === true ? undefined : this.#notPostgres();
  }

  #readFirst(code: number, rest: Buffer): Reading | Buffer | undefined {
    const { accepts, own, remedy } = this.#rules;
    if (code !== ok) this.asked = code;
    const spoken = own?.get(code);
    if (spoken !== undefined) {
      const answer = spoken.answer(rest, this.#password);
      if (answer === undefined) return this.#notPostgres();
      return Buffer.isBuffer(answer) ? answer : this.#unsupported(answer.refused, remedy);
    }
    if (code === ok) {
      return this.#unsupported('the server asked for no password, so that the login proves none', remedy);
    }
    if (code === cleartext && accepts.includes('cleartext')) {
      if (rest.length > 0) return this.#notPostgres();
      return this.#isPlaintext
        ? this.#unsupported(
            'without TLS, the server asked for the password in clear text',
            `Remove "ssl": false from the secret. Or: ${remedy}`,
          )
        : undefined;
    }
    if (code === md5 && accepts.includes('md5')) return rest.length === 4 ? undefined : this.#notPostgres();
    if (code === sasl && accepts.includes('scram-sha-256')) {
      return rest.toString('latin1').split('\0').includes('SCRAM-SHA-256')
        ? undefined
        : this.#unsupported('the server offers no SCRAM-SHA-256', remedy);
    }
    const name = this.#rules.names?.[code] ?? unspoken[code] ?? `authentication method ${code}`;
    return this.#unsupported(`the server asked for ${name}`, remedy);
  }

  #unsupported(message: string, remedy: string): Reading {
    return {
      refusal: new RotationError('auth-method-unsupported', { ...this.#where, message, remedy }),
      pass: Buffer.alloc(0),
    };
  }

  #notPostgres(): Reading {
    const refusal = new RotationError('connection-lost', {
      ...this.#where,
      message: 'the server broke the protocol of PostgreSQL',
      remedy: 'Check host and port in the secret, and what stands between the function and the server.',
    });
    return { refusal, pass: Buffer.alloc(0) };
  }
}
