import type { Socket } from 'node:net';

/** The part of the driver that this engine uses. */
export interface OracleDriver {
  getConnection(attributes: object): Promise<DriverConnection>;
}

export interface DriverConnection {
  /** `1_923_000_000`: release, update and so on, two digits each. */
  readonly oracleServerVersion: number;
  /** In bytes. */
  readonly maxIdentifierLength: number;
  close(): Promise<void>;
  /** `execute` without the tracing around it. */
  _execute(
    sql: string,
    binds: readonly string[],
    options: object,
  ): Promise<{ readonly rows?: readonly (readonly unknown[])[] }>;
  readonly _impl: {
    changePassword(user: string, password: string, newPassword: string): Promise<void>;
  };
}

/** Where the driver's transport is to go. */
export interface Address {
  readonly host: string;
  readonly hostname: string;
  readonly originHost?: string;
  readonly port: number | string;
  readonly protocol: string;
}

/** The driver's way to the network, of one connection. */
export interface DriverTransport {
  readonly atts: { readonly connectionId?: string };
  host: string;
  hostName: string;
  originHost: string | undefined;
  port: number | string;
  stream: Socket;
  connStream: Socket;
  connected: boolean;
  err: boolean;
  secure: boolean;
  connect(address: Address): Promise<void>;
  renegTLS(): Promise<void>;
  setupEventHandlers(): void;
}

/** The class of the driver's transports. */
export interface DriverTransportClass {
  readonly prototype: DriverTransport;
}
