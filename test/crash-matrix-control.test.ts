import { type Engine, type Rotation, RotationFunction, type Strategy, singleUser } from '@keyturn/core';
import { makeAuthority, type RunningService, type ServerCertificate } from '@keyturn/engine-conformance';
import { recoveries, runMatrix } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protocol, services } from '../packages/engines/postgres/service/index.ts';
import { postgres } from '../packages/engines/postgres/src/index.ts';

/** The function without the search for the password that the database has: as AWS's functions are. */
class WithoutSearch extends RotationFunction {
  protected override setSecret(rotation: Rotation): Promise<void> {
    rotation.versions.others = async () => [];
    return super.setSecret(rotation);
  }
}

/** A strategy that changes the database before the new password is stored: no write-ahead record. */
function databaseFirst<C>(engine: Engine<C>): Strategy {
  const honest = singleUser(engine);
  return {
    ...honest,
    async nextValue(current, rotation) {
      const text = await honest.nextValue(current, rotation);
      await honest.setSecret(current, { ...current, text }, rotation);
      return text;
    },
    setSecret: async () => {},
  };
}

describe('the crash matrix can fail', () => {
  const authority = makeAuthority('Control');
  let running: RunningService;
  let surroundings: { service: RunningService; protocol: typeof protocol; certificate: ServerCertificate };

  beforeAll(async () => {
    const service = services.at(-1);
    if (service === undefined) throw new Error('there is no PostgreSQL for this platform');
    running = await service.start();
    surroundings = { service: running, protocol, certificate: authority.sign() };
  });
  afterAll(() => running?.stop());

  const tls = { ca: authority.certificate };
  const [, pendingTakenOff] = recoveries;
  if (pendingTakenOff === undefined) throw new Error('there is no such recovery');

  test('without the search, a crash after setSecret locks the user out as soon as somebody tidies up', {
    timeout: 300_000,
  }, async () => {
    const results = await runMatrix(
      surroundings,
      (client) => new WithoutSearch(singleUser(postgres()), { client, tls, env: {} }),
      'first',
      pendingTakenOff,
    );
    const broken = results.filter(({ faults }) => faults.includes('AWSCURRENT does not log in'));
    console.log(`Without the search: ${results.length - broken.length} of ${results.length} points held`);
    expect(broken.length).toBeGreaterThan(10);
    // The points before the statement hold even so: it is the search that makes the difference, not chance.
    expect(results.length - broken.length).toBeGreaterThan(10);
  });

  test('with the database changed before the password is stored, some moment has no version that works', {
    timeout: 300_000,
  }, async () => {
    const results = await runMatrix(
      surroundings,
      (client) => new RotationFunction(databaseFirst(postgres()), { client, tls, env: {} }),
      'first',
      pendingTakenOff,
    );
    const lost = results.filter(({ faults }) =>
      faults.includes('no version that can be read has the password of the database'),
    );
    expect(lost.length).toBeGreaterThan(0);
  });
});
