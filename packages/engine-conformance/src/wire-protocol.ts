import type { Duplex } from 'node:stream';
import type { SecureVersion } from 'node:tls';

/**
 * What the wire tap must know of an engine's protocol: where TLS starts, where a client's message
 * ends, and which of them asks the server for something.
 */
export interface WireProtocol {
  /** State for one connection. */
  open(): WireConversation;
}

/** One connection's conversation, read off the decrypted stream as the tap relays it. */
export interface WireConversation {
  /**
   * Reads plaintext from the client before TLS.
   * @returns how many of the bytes belong before TLS and whether the client then starts TLS;
   * `undefined` while the message is not whole yet. A client that goes on in the clear is read by
   * {@link WireConversation.nextClientMessage} from the byte after those.
   */
  beforeTls(clientBytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined;
  /** Whether the tap must relay one answer of the server in the clear before both sides start TLS (PostgreSQL's `S`). */
  readonly serverAnswersStartTls: boolean;
  /** Where the handshake travels inside messages of the protocol. @default - TLS starts on the stream as it is, after an `S` where the server answers */
  readonly tlsInMessages?: TlsInMessages;
  /** Splits off the first whole message that the client sent; `undefined` while it is not whole yet. */
  nextClientMessage(bytes: Buffer): ClientMessage | undefined;
  /**
   * Takes note of what the server sent, in the clear or after TLS, except its one answer to a request
   * for TLS; returns the outcome of the login when these bytes hold it.
   */
  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined;
}

/** How TLS lies in messages of a protocol (TDS). */
export interface TlsInMessages {
  /** The newest version of TLS whose every message has a place there. */
  readonly maxVersion: SecureVersion;
  /** Reads the server's answer to the request for TLS; `undefined` while it is not whole. */
  readAnswer(bytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined;
  /** The stream that TLS is spoken on, over this socket, on either side of the tap. */
  wrap(socket: Duplex): Duplex;
}

export interface ClientMessage {
  /** Bytes of this message, from the start of the buffer. */
  readonly length: number;
  /** `statement`: it asks the server to do something and waits for the answer; `login`: a part of the login; `other`: anything else, such as a goodbye. */
  readonly kind: 'statement' | 'login' | 'other';
  /** The statement's text. It may hold a verifier; never log it outside tests. */
  readonly text?: string;
  /** The user that logs in, where this message names one. */
  readonly user?: string;
}
