export type { MysqlConnection } from './connection.ts';
export { type MysqlEngine, type MysqlOptions, type MysqlOverlapEngine, mysql } from './engine.ts';
