import { makeAuthority, type ServiceUrl } from '@keyturn/engine-conformance';
import type { DriverConnection } from '../src/driver-types.ts';
import { bareDriver } from './bare-driver.ts';

/** Runs a statement as the administrator; the rows of a query as objects, by the names of their columns. */
export type RunSql = (statement: string) => Promise<Record<string, unknown>[]>;

/** The service that RDS makes unless told otherwise. */
const defaultService = 'ORCL';

/** The driver looks for a client's key among the authorities: one that nobody asks for. */
const walletKey = makeAuthority('nobody').sign();

/** OUT_FORMAT_OBJECT of the driver. */
const objects = 4002;

/** The service whose name the URL has. */
export function serviceNameOf({ database = defaultService }: ServiceUrl): string {
  return database;
}

/** Logs in through the driver as it is, whose own TLS verifies the server's name. */
export function openSession(given: ServiceUrl, username: string, password: string): Promise<DriverConnection> {
  const { host, port, ca, tls } = given;
  return bareDriver.getConnection({
    // Every other name is one that the server would read in upper case.
    user: /^[A-Za-z][\w$#]*$/.test(username) ? username : `"${username.replace(/^"(.*)"$/s, '$1')}"`,
    password,
    connectString: `(DESCRIPTION=(ADDRESS=(PROTOCOL=${tls ? 'tcps' : 'tcp'})(HOST=${host})(PORT=${port}))(CONNECT_DATA=(SERVICE_NAME=${serviceNameOf(given)})))`,
    ...(tls ? { walletContent: `${walletKey.key}${walletKey.certificate}${ca}` } : {}),
  });
}

/** A session for each statement: a server that counts them has none left over. */
export function statementsOf(given: ServiceUrl): RunSql {
  const { username, password } = given.administrator;
  return async (statement) => {
    const session = await openSession(given, username, password);
    try {
      const { rows = [] } = await session._execute(statement, [], { outFormat: objects });
      return rows as unknown as Record<string, unknown>[];
    } finally {
      await session.close();
    }
  };
}

/** The number in ORA-01017. */
export function oracleNumber(error: unknown): number | undefined {
  return (error as { readonly errorNum?: number }).errorNum;
}
