import { CertificateAuthorities, type ConnectLimits, type Login, Password, verifiedTls } from '@keyturn/core';
import { Connection, Request } from 'tedious';

/** A login at a server of the tests, over TLS that trusts its authority. */
export function loginTo(
  server: { readonly port: number; readonly ca: string },
  username: string,
  password: string,
  more: Partial<Login> = {},
): Login {
  const host = more.host ?? 'localhost';
  return {
    host,
    port: server.port,
    username,
    password: new Password(password),
    database: 'app',
    tls: verifiedTls(host, new CertificateAuthorities([server.ca], undefined)),
    ...more,
  };
}

/** Limits that no sound test reaches. */
export function limits(more: Partial<ConnectLimits> = {}): ConnectLimits {
  return { connectTimeoutMs: 20_000, signal: new AbortController().signal, ...more };
}

/** Opens a connection through the bare driver, with its own TLS, verified. @throws what the driver throws */
export async function openDriver(
  server: { readonly host: string; readonly port: number; readonly ca: string },
  userName: string,
  password: string,
  { database = 'app', encrypt = true }: { readonly database?: string; readonly encrypt?: boolean } = {},
): Promise<Connection> {
  const connection = new Connection({
    server: server.host,
    authentication: { type: 'default', options: { userName, password } },
    options: {
      port: server.port,
      database,
      encrypt,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: server.ca },
      maxRetriesOnTransientErrors: 0,
    },
  });
  const numbers: number[] = [];
  connection.on('errorMessage', ({ number }) => numbers.push(number));
  connection.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(Object.assign(error, { numbers })) : resolve()));
  });
  return connection;
}

/** Runs a batch. @returns the rows of all its SELECTs, by the names of their columns */
export function rowsOn(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, unknown>[] = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
    request.on('row', (columns: { readonly metadata: { readonly colName: string }; readonly value: unknown }[]) =>
      rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value]))),
    );
    connection.execSqlBatch(request);
  });
}

/** Runs a batch, or the same through sp_executesql. @returns the rows, as arrays */
export function runOn(
  connection: Connection,
  sql: string,
  way: 'execSqlBatch' | 'execSql' = 'execSqlBatch',
): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    const rows: unknown[][] = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
    request.on('row', (columns: { readonly value: unknown }[]) => rows.push(columns.map(({ value }) => value)));
    connection[way](request);
  });
}

/** Whether this user logs in, through the bare driver. */
export async function tryLogin(
  server: { readonly host: string; readonly port: number; readonly ca: string },
  username: string,
  password: string,
  database: string,
  encrypt = true,
): Promise<boolean> {
  try {
    const connection = await openDriver(server, username, password, { database, encrypt });
    connection.close();
    return true;
  } catch (error) {
    const { numbers = [] } = error as { readonly numbers?: readonly number[] };
    if (numbers.includes(18456) && !numbers.includes(4060)) return false;
    throw error;
  }
}
