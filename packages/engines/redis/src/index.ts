export type { RedisConnection } from './connection.ts';
export { type RedisEngine, type RedisOptions, redis } from './engine.ts';
