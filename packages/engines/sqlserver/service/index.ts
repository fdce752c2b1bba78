import type { DatabaseService } from '@keyturn/engine-conformance';
import { startSqlServer } from './sqlserver-double.ts';
import { protocol } from './wire.ts';

export { docker, fromUrl } from './given-sqlserver.ts';
export type { RunningSqlServer } from './running-sqlserver.ts';
export { type SqlServerDoubleOptions, startSqlServer } from './sqlserver-double.ts';
export { protocol } from './wire.ts';

/** Nothing ships a SQL Server that tests could start: a double that speaks its protocol and parses its language. */
export const services: readonly DatabaseService[] = [
  { engine: 'sqlserver', version: '2022', kind: 'double', protocol, prepare: async () => {}, start: startSqlServer },
];
