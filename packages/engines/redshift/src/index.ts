export { type RedshiftConnection, type RedshiftOptions, redshift } from './engine.ts';
