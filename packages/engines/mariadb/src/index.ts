export type { MariadbConnection } from './connection.ts';
export { type MariadbOptions, mariadb } from './engine.ts';
