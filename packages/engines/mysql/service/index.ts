import type { DatabaseService } from '@keyturn/engine-conformance';
import { protocol } from '@keyturn/service-mariadb';
import { startDouble } from './double-server.ts';
import { oldServerFolder, startOldServer } from './old-server.ts';

export { type RunningDouble, startDouble } from './double-server.ts';
export { docker, fromUrl } from './given-server.ts';
export { startOldServer } from './old-server.ts';

/** The versions of the doubles, the oldest first. */
export const doubleVersions: readonly string[] = ['5.7.44', '8.0.42', '8.4.5', '9.3.0'];

export const services: readonly DatabaseService[] = [
  // There is a real one of this version only, and for linux-x64 only.
  ...(oldServerFolder() === undefined
    ? []
    : [
        {
          engine: 'mysql',
          version: '5.6',
          protocol,
          speaksTls: false,
          prepare: () => Promise.resolve(),
          start: startOldServer,
        },
      ]),
  ...doubleVersions.map(
    (version): DatabaseService => ({
      engine: 'mysql',
      version,
      kind: 'double',
      protocol,
      prepare: () => Promise.resolve(),
      start: (options) => startDouble(version, options),
    }),
  ),
];
