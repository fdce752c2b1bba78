import { RotationWorld, type WorldOptions } from '../crash-matrix/rotation-world.ts';
import { AvailabilityClient, type ClientCounts } from './availability-client.ts';

/** What two clients saw. */
export interface Availability {
  readonly rotations: number;
  /** Reads AWSCURRENT before every login. */
  readonly reading: ClientCounts;
  /** Reads AWSCURRENT only when a rotation is about to begin, and uses that to the beginning of the next one. */
  readonly caching: ClientCounts;
}

/** Rotates again and again, while two clients log in without a pause. */
export async function measureAvailability(
  options: Omit<WorldOptions, 'attempts'>,
  rotations: number,
): Promise<Availability> {
  const { service } = options;
  const world = await RotationWorld.make({ ...options, attempts: 1 });
  let cached = await world.secret.current();
  const reading = new AvailabilityClient(async () => {
    const { username, password } = await world.secret.current();
    return service.logsIn(username, password);
  });
  const caching = new AvailabilityClient(() => service.logsIn(cached.username, cached.password));
  const running = [reading, caching];
  try {
    for (const client of running) client.start();
    for (let done = 0; done < rotations; done += 1) {
      cached = await world.secret.current();
      await Promise.all(running.map((client) => client.nextLogin()));
      await world.rotate();
      if (world.failure !== undefined) throw new Error(`rotation ${done + 1} ${world.failure}`);
      // The grace period: for as long as it takes every client to use what it holds.
      await Promise.all(running.map((client) => client.nextLogin()));
    }
  } finally {
    await Promise.all(running.map((client) => client.stop()));
    await world.close();
  }
  return { rotations, reading: reading.counts, caching: caching.counts };
}
