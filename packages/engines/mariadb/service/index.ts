import type { DatabaseService } from '@keyturn/engine-conformance';
import { binaries } from './binaries.ts';
import { startMariadb } from './mariadb-server.ts';
import { protocol } from './wire.ts';

export { fromUrl } from './given-mariadb.ts';
export { type MariadbOptions, type RunningMariadb, startMariadb } from './mariadb-server.ts';
export { authSwitch, greeting, packet, type TrapOptions, trapActor } from './trap-actor.ts';
export { protocol } from './wire.ts';

export const services: readonly DatabaseService[] = [
  {
    engine: 'mariadb',
    version: '10.11',
    protocol,
    prepare: async () => void (await binaries()),
    start: startMariadb,
  },
];
