export { type RdsOptions, rds } from './rds.ts';
