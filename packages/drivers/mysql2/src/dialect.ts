import type { AuthMethod } from './auth-methods.ts';
import type { ServerError } from './server-errors.ts';

/** In what an engine's servers differ from others that speak the same protocol. */
export interface Dialect {
  /** What a server is called in messages: `MySQL server`. */
  readonly server: string;
  /** The methods by which a login may prove its password. */
  readonly methods: readonly AuthMethod[];
  /**
   * Names of methods that are not spoken, which a message may repeat: a server may send anything for a name,
   * what it was told in the login too.
   */
  readonly otherMethods: readonly string[];
  /** What to do where the server asks for a method that is not spoken. */
  readonly methodRemedy: string;
  /** What the server's errors mean, by number. */
  readonly errors: ReadonlyMap<number, ServerError>;
  /** The server's options that refuse a statement with error 1290, by name. */
  readonly preventingOptions: ReadonlyMap<string, Omit<ServerError, 'name'>>;
  /** Below this number the driver knows errors by the names that this server gives them. */
  readonly driverNamesBelow: number;
  /** The remedy of a login without TLS that the server refuses, where that may be for the lack of it. @default - that of the code */
  readonly refusedWithoutTls?: string;
  /** Privileges that the text of error 1227 may name, which the message then repeats. @default - none */
  readonly privileges?: ReadonlySet<string>;
}
