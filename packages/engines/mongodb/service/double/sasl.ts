import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Binary } from 'bson';
import { algorithms, type Credential, type Mechanism, mechanisms } from './credentials.ts';
import { badValue, Refusal } from './refusal.ts';
import { mayLogIn } from './restrictions.ts';
import { keyOf, type Store, type StoredUser } from './store.ts';

/** The ends of a connection. */
interface Ends {
  readonly client: string;
  readonly server: string;
}

/** What a login begins with, on the server's side. */
interface Offer {
  readonly store: Store;
  readonly offered: readonly Mechanism[];
  readonly ends: Ends;
  readonly longLogin: boolean;
}

/** An answer to one message of a login. */
export interface SaslAnswer {
  readonly conversationId: number;
  /** The user is logged in. */
  readonly done: boolean;
  readonly payload: Binary;
}

const refused = () => new Refusal(18, 'AuthenticationFailed', 'Authentication failed.');

/** The server's side of one login. */
export class SaslConversation {
  readonly user: StoredUser;
  readonly #mechanism: Mechanism;
  readonly #credential: Credential;
  readonly #bare: string;
  readonly #nonce: string;
  readonly #first: string;
  readonly #skipsEmptyExchange: boolean;
  #stage: 'proof' | 'empty exchange' | 'over' = 'proof';

  /**
   * @param offered the mechanisms that the server has turned on
   * @throws Refusal, also for a user that does not exist
   */
  constructor({ store, offered, ends, longLogin }: Offer, db: string, document: Readonly<Record<string, unknown>>) {
    const { mechanism, payload, options } = document;
    if (!offered.includes(mechanism as Mechanism) || !mechanisms.includes(mechanism as Mechanism)) {
      throw new Refusal(334, 'MechanismUnavailable', `mechanism ${String(mechanism)} is not enabled`);
    }
    this.#mechanism = mechanism as Mechanism;
    const found = /^n,,(n=((?:[^=,]|=2C|=3D)*),r=([\x21-\x2b\x2d-\x7e]{8,}))$/u.exec(textOf(payload));
    if (found === null) throw badValue('the first message of SCRAM is malformed');
    const [, bare = '', name = '', nonce = ''] = found;
    this.#bare = bare;
    const user = store.users.get(keyOf(db, name.replaceAll('=2C', ',').replaceAll('=3D', '=')));
    const credential = user?.credentials[this.#mechanism];
    if (user === undefined || credential === undefined) throw refused();
    if (!mayLogIn(store, user, ends.client, ends.server)) throw refused();
    this.user = user;
    this.#credential = credential;
    this.#nonce = `${nonce}${randomBytes(24).toString('base64')}`;
    this.#first = `r=${this.#nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`;
    this.#skipsEmptyExchange =
      !longLogin && (options as { skipEmptyExchange?: unknown } | undefined)?.skipEmptyExchange === true;
  }

  /** The first answer. */
  get challenge(): SaslAnswer {
    return { conversationId: 1, done: false, payload: new Binary(Buffer.from(this.#first)) };
  }

  /** @throws Refusal */
  continue({ conversationId, payload }: Readonly<Record<string, unknown>>): SaslAnswer {
    if (Number(conversationId) !== 1 || this.#stage === 'over') {
      throw new Refusal(17, 'ProtocolError', 'sasl: mismatched conversation id');
    }
    const text = textOf(payload);
    if (this.#stage === 'empty exchange') {
      if (text !== '') throw badValue('the last message of SCRAM must be empty');
      this.#stage = 'over';
      return { conversationId: 1, done: true, payload: new Binary(Buffer.alloc(0)) };
    }
    const [, channel, nonce, proof = ''] = /^c=([^,]*),r=([^,]*),p=([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
    // biws is "n,,": what the first message began with.
    if (channel !== 'biws' || nonce !== this.#nonce) throw refused();
    const said = `${this.#bare},${this.#first},c=${channel},r=${nonce}`;
    const { name } = algorithms[this.#mechanism];
    const hmac = (key: Buffer) => createHmac(name, key).update(said).digest();
    const signature = hmac(this.#credential.storedKey);
    const given = Buffer.from(proof, 'base64');
    if (given.length !== signature.length) throw refused();
    const clientKey = Buffer.from(given.map((byte, at) => byte ^ (signature[at] ?? 0)));
    if (!timingSafeEqual(createHash(name).update(clientKey).digest(), this.#credential.storedKey)) throw refused();
    this.#stage = this.#skipsEmptyExchange ? 'over' : 'empty exchange';
    const final = `v=${hmac(this.#credential.serverKey).toString('base64')}`;
    return { conversationId: 1, done: this.#stage === 'over', payload: new Binary(Buffer.from(final)) };
  }
}

function textOf(payload: unknown): string {
  if (payload instanceof Binary) return Buffer.from(payload.buffer.subarray(0, payload.position)).toString('utf8');
  throw new Refusal(14, 'TypeMismatch', "BSON field 'payload' is the wrong type");
}
