export { type PostgresConnection, type PostgresOptions, postgres } from './engine.ts';
