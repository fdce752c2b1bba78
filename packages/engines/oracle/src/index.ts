export type { OracleConnection } from './connection.ts';
export { type OracleOptions, type OracleOverlapEngine, type OverlapOptions, oracle } from './engine.ts';
