import { alternatingUsers, multiCredential, RotationFunction, type Strategy, singleUser } from '@keyturn/core';
import { type DatabaseService, makeAuthority, type RunningService } from '@keyturn/engine-conformance';
import { type Availability, measureAvailability } from '@keyturn/engine-conformance/suite';
import { afterAll, describe, expect, test } from 'vitest';
import { services as mariadbServices, startMariadb } from '../packages/engines/mariadb/service/index.ts';
import { mariadb } from '../packages/engines/mariadb/src/index.ts';
import { services as postgresServices } from '../packages/engines/postgres/service/index.ts';
import { postgres } from '../packages/engines/postgres/src/index.ts';
import { services as redisServices } from '../packages/engines/redis/service/index.ts';
import { redis } from '../packages/engines/redis/src/index.ts';
import { median } from './bench/median.ts';

const rotations = 50;
/** Of the controls: each has a gap. */
const rotationsWithGap = 20;

/** A strategy on a server, and whether it promises that no client ever fails. */
interface Case {
  readonly name: string;
  readonly service: DatabaseService;
  readonly start?: () => Promise<RunningService>;
  readonly strategy: () => Strategy;
}

const [postgresService, mariadbService, redisService] = [postgresServices, mariadbServices, redisServices].map(
  (services) => {
    const newest = services.at(-1);
    if (newest === undefined) throw new Error('a service has no server');
    return newest;
  },
) as [DatabaseService, DatabaseService, DatabaseService];

// So many refused logins in a row as a client without a pause makes would block the user.
const patientMariadb = () => startMariadb({ settings: { 'max-password-errors': '4294967295' } });

const withoutGap: readonly Case[] = [
  {
    name: 'PostgreSQL, alternating users',
    service: postgresService,
    strategy: () => alternatingUsers(postgres()),
  },
  { name: 'MariaDB, alternating users', service: mariadbService, strategy: () => alternatingUsers(mariadb()) },
  {
    name: 'Redis, multi-credential',
    service: redisService,
    strategy: () => multiCredential(redis(), { changedBy: 'master' }),
  },
  {
    name: 'Redis, single user with an overlap',
    service: redisService,
    strategy: () => singleUser(redis(), { changedBy: 'master' }),
  },
];

const withGap: readonly Case[] = [
  { name: 'PostgreSQL, single user', service: postgresService, strategy: () => singleUser(postgres()) },
  {
    name: 'MariaDB, single user',
    service: mariadbService,
    start: patientMariadb,
    strategy: () => singleUser(mariadb()),
  },
];

const seen: Record<string, Record<string, number | string>> = {};
afterAll(() => console.table(seen));

async function measure({ name, service, start, strategy }: Case, rotations: number): Promise<Availability> {
  await service.prepare();
  const running = await (start ?? service.start)();
  const authority = makeAuthority('Availability');
  try {
    const result = await measureAvailability(
      {
        service: running,
        protocol: service.protocol,
        certificate: authority.sign(),
        makeFunction: (client) =>
          new RotationFunction(strategy(), { client, tls: { ca: authority.certificate }, env: {} }),
      },
      rotations,
    );
    const { reading, caching } = result;
    seen[name] = {
      rotations,
      'logins, reading': reading.logins,
      'refused, reading': reading.refused,
      'logins, caching': caching.logins,
      'refused, caching': caching.refused,
      'median gap, ms': reading.gapsMs.length === 0 ? 0 : Math.round(median(reading.gapsMs)),
      'longest gap, ms': Math.round(Math.max(0, ...reading.gapsMs)),
    };
    return result;
  } finally {
    await running.stop();
  }
}

describe(`through ${rotations} rotations no client ever fails`, () => {
  test.each(withoutGap)('$name', { timeout: 180_000 }, async (row) => {
    const { reading, caching } = await measure(row, rotations);
    expect(reading.logins).toBeGreaterThan(2 * rotations);
    expect(caching.logins).toBeGreaterThan(2 * rotations);
    expect(reading.refused).toBe(0);
    expect(caching.refused).toBe(0);
  });
});

describe('the control: a single user with one password has a gap at its rotations, which the same clients see', () => {
  test.each(withGap)('$name', { timeout: 180_000 }, async (row) => {
    const { reading, caching } = await measure(row, rotationsWithGap);
    expect(reading.refused).toBeGreaterThan(0);
    // The password that it keeps is no more when the rotation is over.
    expect(caching.refused).toBeGreaterThanOrEqual(rotationsWithGap);
    expect(Math.max(...reading.gapsMs)).toBeGreaterThan(0);
  });
});
