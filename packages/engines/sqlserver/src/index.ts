export type { SqlServerConnection } from './connection.ts';
export { type SqlServerOptions, sqlserver } from './engine.ts';
