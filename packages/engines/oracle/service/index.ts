import type { DatabaseService } from '@keyturn/engine-conformance';
import type { Release } from './database/model.ts';
import { startOracle } from './oracle-server.ts';
import { protocol } from './wire.ts';

export { docker, fromUrl } from './given-oracle.ts';
export { type RunningOracle, startOracle } from './oracle-server.ts';
export { protocol } from './wire.ts';

const releases: readonly Release[] = ['19c', '23ai'];

/** The same with a profile by which every password that is changed goes on working for a day. */
export const rolloverService: DatabaseService = {
  engine: 'oracle',
  version: '23ai with PASSWORD_ROLLOVER_TIME',
  kind: 'double',
  protocol,
  prepare: async () => {},
  async start(options) {
    const running = await startOracle('23ai', options);
    running.sql('ALTER PROFILE "DEFAULT" LIMIT PASSWORD_ROLLOVER_TIME 1');
    return {
      ...running,
      async createUser(username, password) {
        await running.createUser(username, password);
        // Who rotates more often than that time must be able to end it.
        running.sql(`GRANT ALTER USER TO ${running.quoted(username)}`);
      },
    };
  },
};

/** Doubles: there is no server to be had. The driver is the real one, down to its packets. */
export const services: readonly DatabaseService[] = releases.map((version) => ({
  engine: 'oracle',
  version,
  kind: 'double',
  protocol,
  prepare: async () => {},
  start: (options) => startOracle(version, options),
}));
