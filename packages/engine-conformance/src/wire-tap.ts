import type { ServerCertificate } from './service.ts';
import type { WireProtocol } from './wire-protocol.ts';

/** A moment at which a rotation waits for the database: what the crash matrix is made of. */
export interface WirePoint {
  /** Counts the tap's connections, from 1. */
  readonly connection: number;
  /** `connect`: the connection and its login as one; `statement`: one request on it. */
  readonly kind: 'connect' | 'statement';
  /** `before`: the server has seen nothing of it; `after`: the server has done it, its answer is held back. */
  readonly moment: 'before' | 'after';
  /** The statement's text, for `statement`. */
  readonly text?: string;
}

/**
 * `pass`: go on. `drop`: both sides see the connection break. `freeze`: the server sees it break, the
 * client hears nothing any more, as when the client's process has been killed.
 */
export type WireAction = 'pass' | 'drop' | 'freeze';

export interface WireTapOptions {
  readonly protocol: WireProtocol;
  readonly upstream: { readonly host: string; readonly port: number; readonly ca: string };
  /** What the tap shows its clients. */
  readonly certificate: ServerCertificate;
  /** Decides at each point. @default - every point passes */
  readonly onPoint?: (point: WirePoint) => WireAction | Promise<WireAction>;
}

/** A login that went through the tap. */
export interface WireLogin {
  readonly connection: number;
  readonly user: string;
  readonly outcome: 'logged-in' | 'refused';
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface WireTap {
  readonly port: number;
  readonly points: readonly WirePoint[];
  readonly logins: readonly WireLogin[];
  /** What went wrong in the tap itself, such as a server whose certificate it does not trust. Empty in a sound test. */
  readonly faults: readonly string[];
  /** Ends every connection, frozen ones too, and stops listening. */
  close(): Promise<void>;
}
