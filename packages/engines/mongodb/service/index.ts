import type { DatabaseService } from '@keyturn/engine-conformance';
import { dialects } from './dialects.ts';
import type { Dialect } from './double/context.ts';
import { type MongodbServerOptions, startMongodb } from './mongodb-service.ts';
import { protocol } from './wire.ts';

export { Binary, Double, Int32, Long } from 'bson';
export { dialects } from './dialects.ts';
export { docker, fromUrl } from './given-mongodb.ts';
export { type MongodbServerOptions, type RunningMongodb, startMongodb } from './mongodb-service.ts';
export { protocol } from './wire.ts';

const { documentdb5, ...versions } = dialects;

export const services: readonly DatabaseService[] = Object.values(versions).map(serviceOf);

/** Not one of the services above: its engine is another one, `mongodb({ server: 'documentdb' })`. */
export const documentdbServices: readonly DatabaseService[] = [serviceOf(documentdb5)];

export function templateService(template: string): DatabaseService {
  const [newest] = template.includes('DocumentDB') ? documentdbServices : services.slice(-1);
  if (newest === undefined) throw new Error('there is no server');
  return newest;
}

function serviceOf(dialect: Dialect): DatabaseService {
  return {
    engine: 'mongodb',
    version: dialect.kind === 'docdb' ? `DocumentDB ${dialect.version}` : dialect.version,
    kind: 'double',
    protocol,
    prepare: async () => {},
    start: (options: MongodbServerOptions = {}) => startMongodb(dialect, options),
  };
}
