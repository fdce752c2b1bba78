import type { DatabaseService } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { binaries } from './binaries.ts';
import { startPostgres } from './postgres-server.ts';
import { protocol } from './wire.ts';

export { loginGroups } from './access-rules.ts';
export { fromUrl } from './given-postgres.ts';
export { type PostgresOptions, type ServerState, startPostgres } from './postgres-server.ts';
export type { RunningPostgres } from './running-postgres.ts';
export { type AuthenticationRequest, authentication, trapActor } from './trap-actor.ts';
export { protocol } from './wire.ts';

/** The oldest and the newest PostgreSQL that Keyturn supports, and those between that treat roles in another way. */
export const services: readonly DatabaseService[] = ['13', '15', '16', '18'].map((version) => ({
  engine: 'postgres',
  version,
  protocol,
  prepare: async () => void (await binaries(version)),
  start: (options) => startPostgres(version, options),
}));

/** Whether a deep search asks for everything. */
const isDeep = fc.readConfigureGlobal().numRuns !== undefined;

/** The newest of the servers, for what versions do not differ in; every one in the deep search. */
export const newest: readonly DatabaseService[] = isDeep ? services : services.slice(-1);

/**
 * The oldest and the newest of the servers, which stand on either side of all that versions differ in here; every one in
 * the deep search.
 */
export const outermost: readonly DatabaseService[] = services.filter(
  (_, i) => isDeep || i === 0 || i === services.length - 1,
);
