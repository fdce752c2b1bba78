import oracledb from 'oracledb';
import type { OracleDriver } from '../src/driver-types.ts';

/** The driver as it is, for whatever tests do beside the engine. */
export const bareDriver: OracleDriver = oracledb as OracleDriver;
