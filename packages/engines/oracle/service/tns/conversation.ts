import type { Model } from '../database/model.ts';
import { OraError, ora } from '../database/ora-error.ts';
import { run } from '../database/run.ts';
import type { Session } from '../database/session.ts';
import { changePassword } from '../database/user-statements.ts';
import { maskedPasswords } from '../sql/masked-passwords.ts';
import { type Challenge, decryptText } from './challenge.ts';
import type { ClientRequest, Pairs } from './client-messages.ts';
import { challengeFor, dictionaryName, logIn } from './login.ts';
import {
  dataTypesAnswer,
  description,
  done,
  endOfCall,
  parameters,
  protocolAnswer,
  rowsAnswer,
} from './server-messages.ts';

type Rows = readonly (readonly (string | null)[])[];

/** The server's side of one connection, once the listener has accepted it. */
export class Conversation {
  readonly #model: Model;
  readonly #log: (line: string) => void;
  readonly #cursors = new Map<number, Rows>();
  #nextCursor = 1;
  #session: Session | undefined;
  #key: Buffer | undefined;
  #challenge: { readonly name: string; readonly challenge: Challenge } | undefined;

  constructor(model: Model, log: (line: string) => void) {
    this.#model = model;
    this.#log = log;
  }

  /** @throws Error for a request that may not come now: the connection ends then */
  answer(request: ClientRequest): { readonly data: Buffer; readonly ends?: boolean } {
    try {
      return this.#answer(request);
    } catch (error) {
      if (!(error instanceof OraError)) throw error;
      this.#log(`error: ${error.message.split('\n')[0]}`);
      const failed = { number: error.number, text: error.message };
      // Who is not logged in is not kept.
      return { data: endOfCall(failed), ends: this.#session === undefined };
    }
  }

  #answer(request: ClientRequest): { readonly data: Buffer; readonly ends?: boolean } {
    if (request.kind === 'protocol') return { data: protocolAnswer() };
    if (request.kind === 'data-types') return { data: dataTypesAnswer() };
    if (request.kind === 'auth') return { data: this.#auth(request) };
    const session = this.#session;
    if (session === undefined) throw new Error(`${request.kind} before the login`);
    switch (request.kind) {
      case 'execute':
        return { data: this.#execute(session, request) };
      case 'fetch':
        return { data: this.#fetch(request.cursor, request.rows) };
      case 'logoff':
        this.#log(`logoff: ${session.user}`);
        return { data: done() };
      default:
        return { data: done() };
    }
  }

  #auth({ phase, user, pairs }: Extract<ClientRequest, { kind: 'auth' }>): Buffer {
    const name = dictionaryName(user);
    if (phase === 'one') {
      this.#challenge = { name, challenge: challengeFor(this.#model, name) };
      const { challenge } = this.#challenge;
      return parameters(challenge.pairs, challenge.flags);
    }
    if (this.#session !== undefined) return this.#changePassword(this.#session, name, pairs);
    if (this.#challenge?.name !== name) throw new Error('an answer without a challenge');
    const { challenge } = this.#challenge;
    // Each challenge is for one answer.
    this.#challenge = undefined;
    this.#log(`login: ${name}`);
    const { session, key, proof, warning } = logIn(this.#model, name, challenge, pairs);
    this.#session = session;
    this.#key = key;
    const version = this.#model.release === '19c' ? [19, 23] : [23, 5];
    const pairsOut = {
      AUTH_SVR_RESPONSE: proof,
      AUTH_VERSION_NO: String((version[0] ?? 0) * 2 ** 24 + (version[1] ?? 0) * 2 ** 16),
      AUTH_MAX_IDEN_LENGTH: '128',
      AUTH_SC_SERVICE_NAME: 'keyturn',
      AUTH_SESSION_ID: '1',
      AUTH_SERIAL_NUM: '1',
    };
    return parameters(pairsOut, {}, warning);
  }

  #changePassword(session: Session, name: string, pairs: Pairs): Buffer {
    const key = this.#key;
    if (key === undefined) throw new Error('no key');
    const [old, next] = ['AUTH_PASSWORD', 'AUTH_NEWPASSWORD'].map((each) => decryptText(key, pairs.get(each) ?? ''));
    if (old === undefined || next === undefined) throw ora(28008);
    this.#log(`password change: ${name}`);
    changePassword(this.#model, session, name, old, next);
    return done();
  }

  #execute(session: Session, { sql, binds, rows }: Extract<ClientRequest, { kind: 'execute' }>): Buffer {
    this.#log(`statement: ${maskedPasswords(sql)}`);
    const result = run(this.#model, session, sql, binds);
    if (result.columns.length === 0) return endOfCall(undefined);
    const cursor = this.#nextCursor;
    this.#nextCursor += 1;
    this.#cursors.set(cursor, result.rows);
    return Buffer.concat([description(result.columns), this.#fetch(cursor, rows)]);
  }

  #fetch(cursor: number, count: number): Buffer {
    const rows = this.#cursors.get(cursor);
    if (rows === undefined) throw new OraError(1001, 'invalid cursor');
    const left = rows.slice(count);
    if (left.length === 0) this.#cursors.delete(cursor);
    else this.#cursors.set(cursor, left);
    return rowsAnswer(rows.slice(0, count), left.length === 0 ? 0 : cursor);
  }
}
