import { type Activity, dial, type Lifeline, secureSocket } from '@keyturn/connection';
import type { Login, Password } from '@keyturn/core';
import { Binary } from 'mongodb/lib/bson.js';
import { Conversation } from './conversation.ts';
import { NoMechanism, NotMongodb, OffersNoTls, Refusal, WantsTls } from './errors.ts';
import { type Member, tlsFor } from './members.ts';
import type { Document, ReadOptions } from './messages.ts';
import { answersInTheClear } from './probe-in-the-clear.ts';
import { type Mechanism, Scram } from './scram.ts';

/** Where a step of {@link openSession} is, for the error that may come. */
export interface Progress {
  activity: Activity;
}

/** One member of the server, spoken to over one connection. */
export interface Session {
  readonly member: Member;
  /** What the server says of itself. */
  readonly hello: Document;
  /** Logs in. @throws the server's refusal; NotMongodb; NoMechanism */
  logIn(password: Password): Promise<void>;
  command(database: string, command: Document, options?: ReadOptions): Promise<Document>;
  destroy(): void;
}

/**
 * Opens a connection to one member and asks it what it is. The question holds the first message of the login,
 * in which nothing depends on the password.
 */
export async function openSession(
  member: Member,
  login: Login,
  lifeline: Lifeline,
  progress: Progress,
): Promise<Session> {
  progress.activity = 'connect';
  const socket = await lifeline.during('a connection', () => dial(member, lifeline));
  const tls = tlsFor(member, login);
  let stream = socket;
  if (tls !== false) {
    progress.activity = 'tls';
    stream = await lifeline.during("the server's part of the TLS handshake", async () => {
      try {
        return await secureSocket(socket, tls);
      } catch (error) {
        throw isCutOff(error) && (await answersInTheClear(member, lifeline)) ? new OffersNoTls() : error;
      }
    });
    lifeline.holds(stream);
  }
  progress.activity = 'login';
  const conversation = new Conversation(stream);
  const database = login.database ?? 'admin';
  const scram = new Scram('SCRAM-SHA-256', login.username);
  const hello = await lifeline.during("the server's answer", async () => {
    try {
      return await conversation.ask('admin', helloFor(login.username, database, scram));
    } catch (error) {
      // The first bytes in the clear, and the server hangs up without a word.
      if (tls === false && !(error instanceof Refusal || error instanceof NotMongodb)) throw new WantsTls();
      throw error;
    }
  });
  if (typeof hello.maxWireVersion !== 'number') throw new NotMongodb();
  const credential = { username: login.username, database };
  return {
    member,
    hello,
    command: (db, command, options) => conversation.ask(db, command, options),
    logIn: (password) => logIn(conversation, { ...credential, password }, scram, hello),
    destroy: () => conversation.destroy(),
  };
}

function helloFor(username: string, database: string, scram: Scram): Document {
  return {
    isMaster: 1,
    helloOk: true,
    client: {
      application: { name: 'keyturn' },
      driver: { name: 'keyturn', version: '0' },
      os: { type: process.platform },
    },
    saslSupportedMechs: `${database}.${username}`,
    speculativeAuthenticate: { ...saslStart(scram), db: database },
  };
}

function saslStart({ mechanism, first }: Scram): Document {
  return {
    saslStart: 1,
    mechanism,
    payload: new Binary(first),
    autoAuthorize: 1,
    options: { skipEmptyExchange: true },
  };
}

const mechanismUnavailable = 334;

interface Credential {
  readonly username: string;
  readonly database: string;
  readonly password: Password;
}

async function logIn(
  conversation: Conversation,
  { username, database, password }: Credential,
  begun: Scram,
  hello: Document,
): Promise<void> {
  let scram = begun;
  let first = hello.speculativeAuthenticate as Document | undefined;
  const listed = mechanismOf(hello.saslSupportedMechs);
  if (listed !== undefined && listed !== begun.mechanism) {
    scram = new Scram(listed, username);
    first = undefined;
  }
  try {
    first ??= await conversation.ask(database, saslStart(scram));
  } catch (error) {
    // Amazon DocumentDB has one mechanism, and does not list it for a user that there is not.
    if (listed !== undefined || !(error instanceof Refusal) || error.code !== mechanismUnavailable) throw error;
    scram = new Scram('SCRAM-SHA-1', username);
    first = await conversation.ask(database, saslStart(scram));
  }
  const { conversationId } = first;
  const proof = await scram.final(payloadOf(first), password);
  let answer = await conversation.ask(database, { saslContinue: 1, conversationId, payload: new Binary(proof) });
  scram.verify(payloadOf(answer));
  // A server that does not know skipEmptyExchange, as before MongoDB 4.4.
  if (answer.done === false) {
    answer = await conversation.ask(database, {
      saslContinue: 1,
      conversationId,
      payload: new Binary(Buffer.alloc(0)),
    });
  }
  if (answer.done !== true) throw new NotMongodb();
}

/** The best that the server lists for the user; undefined where it lists none, as for a user that there is not. */
function mechanismOf(listed: unknown): Mechanism | undefined {
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  if (listed.includes('SCRAM-SHA-256')) return 'SCRAM-SHA-256';
  if (listed.includes('SCRAM-SHA-1')) return 'SCRAM-SHA-1';
  throw new NoMechanism();
}

function payloadOf({ payload }: Document): Buffer {
  const bytes = (payload as { readonly buffer?: unknown } | null | undefined)?.buffer;
  if (!(bytes instanceof Uint8Array)) throw new NotMongodb();
  return Buffer.from(bytes);
}

function isCutOff(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE' || (typeof code === 'string' && code.startsWith('ERR_SSL_'));
}
