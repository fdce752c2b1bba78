import { randomBytes } from 'node:crypto';
import { type DatabaseService, readServiceUrl } from '@keyturn/engine-conformance';
import { RunningPostgres } from './running-postgres.ts';
import { protocol } from './wire.ts';

/**
 * A PostgreSQL that somebody has: `postgres://admin:password@host:5432?ca=/path`. Its user must be a superuser, for it
 * reads what the server keeps of passwords. A database and roles of new names are made, and taken away in the end.
 */
export function fromUrl(url: string): DatabaseService {
  const given = readServiceUrl(url, 5432);
  return {
    engine: 'postgres',
    version: `at ${given.host}`,
    protocol,
    given: true,
    speaksTls: given.tls,
    async prepare() {},
    async start() {
      const mark = randomBytes(5).toString('hex');
      const { host, port, ca, tls, administrator, database = 'postgres' } = given;
      const running = new RunningPostgres({
        host,
        port,
        ca,
        tls: tls && { ca },
        superuser: administrator,
        given: { mark, maintenanceDatabase: database },
      });
      await running.createRoles();
      return running;
    },
  };
}
