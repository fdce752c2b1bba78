import type { DriverTransportClass, OracleDriver } from './driver-types.ts';

/** The driver, and the class of its transports. */
export interface LoadedDriver {
  readonly oracledb: OracleDriver;
  readonly Transport: DriverTransportClass;
}

let loaded: Promise<LoadedDriver> | undefined;

/** Loads the driver at the first login: a cold start that makes none needs none of its million bytes. */
export function loadDriver(): Promise<LoadedDriver> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LoadedDriver> {
  const [{ default: oracledb }, { default: Transport }] = await Promise.all([
    import('oracledb'),
    import('oracledb/lib/thin/sqlnet/ntTcp.js'),
  ]);
  return { oracledb: oracledb as OracleDriver, Transport: Transport as DriverTransportClass };
}
