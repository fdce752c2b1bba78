import { randomBytes } from 'node:crypto';
import { type DatabaseService, givenService, type ServiceUrl } from '@keyturn/engine-conformance';
import { RunningPostgres } from './running-postgres.ts';
import { protocol } from './wire.ts';

/**
 * A PostgreSQL that somebody has: `postgres://admin:password@host:5432?ca=/path`. Its user must be a superuser, for it
 * reads what the server keeps of passwords. A database and roles of new names are made, and taken away in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'postgres', protocol, url, defaultPort: 5432, start: givenPostgres });
}

async function givenPostgres({
  host,
  port,
  ca,
  tls,
  administrator,
  database = 'postgres',
}: ServiceUrl): Promise<RunningPostgres> {
  const mark = randomBytes(5).toString('hex');
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
}
