export type { MongodbConnection } from './connection.ts';
export { type MongodbEngine, type MongodbOptions, mongodb } from './engine.ts';
