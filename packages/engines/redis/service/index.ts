import type { DatabaseService } from '@keyturn/engine-conformance';
import { binaries } from './binaries.ts';
import { startRedis } from './redis-server.ts';
import { protocol } from './wire.ts';

export { fromUrl } from './given-redis.ts';
export { type RedisServerOptions, type RunningRedis, startRedis } from './redis-server.ts';
export { trapActor } from './trap-actor.ts';
export { protocol } from './wire.ts';

export const services: readonly DatabaseService[] = [
  {
    engine: 'redis',
    version: '7.0',
    protocol,
    prepare: async () => void (await binaries()),
    start: startRedis,
  },
];
