import type { WireAction, WirePoint } from '../wire-tap.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import { attempt, faultsOf, type Outcome } from './failure.ts';
import { addition, type BegunOperation, type Operation, ownChange, reset } from './password-operations.ts';
import type { Scenario, ScenarioGroup } from './scenario.ts';
import { clone } from './twin-operations.ts';

/** How long after the abort a wait may still last, in milliseconds: it has nothing to do but to end. */
const promptlyMs = 1_000;

/** How long such an end is waited for, in milliseconds. */
const patienceMs = 5_000;

/** What comes between. */
type Interruption = 'the connection is lost' | 'the time is up';

/** A point, by counting: connections are numbered as they come. */
interface Place {
  readonly connection: number;
  readonly nth: number;
  readonly kind: WirePoint['kind'];
  readonly moment: WirePoint['moment'];
}

/** Counts the points of one tap. */
function counter(): (point: WirePoint) => Place {
  const counts = new Map<string, number>();
  return ({ connection, kind, moment }) => {
    const key = `${connection} ${kind} ${moment}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return { connection, nth, kind, moment };
  };
}

const nameOf = ({ connection, nth, kind, moment }: Place): string =>
  `${moment} ${kind === 'connect' ? '' : `statement ${nth} of `}connection ${connection}`;

/** Interrupts an operation at each of its points, and does it again. */
function interrupted(operation: Operation, interruption: Interruption): Scenario {
  return {
    name: `${interruption} before and after each wait of ${operation.name}`,
    timeoutMs: 300_000,
    async run(world) {
      const places = await record(world, operation);
      if (!places.some(({ kind }) => kind === 'statement')) return ['the tap saw no statement: nothing is shown'];
      const faults: string[] = [];
      for (const place of world.stopsOf(places)) {
        const { found, hung } = await interrupt(world, operation, place, interruption);
        faults.push(...found.map((fault) => `${nameOf(place)}: ${fault}`));
        // One wait without an end is enough to know, and each takes seconds.
        if (hung) break;
      }
      return faults;
    },
  };
}

async function record(world: ConformanceWorld, operation: Operation): Promise<readonly Place[]> {
  const begun = await operation.begin(world);
  return world.withTap(async (tap) => {
    await world.as(begun.user, begun.run, world.at(tap.port));
    if (tap.faults.length > 0) throw new Error(`the tap failed: ${tap.faults.join('; ')}`);
    return tap.points.map(counter());
  });
}

async function interrupt(
  world: ConformanceWorld,
  operation: Operation,
  place: Place,
  interruption: Interruption,
): Promise<{ readonly found: readonly string[]; readonly hung: boolean }> {
  const begun = await operation.begin(world);
  const outcome = await (interruption === 'the time is up' ? aborted : dropped)(world, begun, place);
  // The last answer may be one that nobody waits for: then it must be done.
  const faults =
    outcome.failed || (await begun.unfinished()).length > 0
      ? faultsOf(operation.name, outcome, {
          codes: interruption === 'the time is up' ? ['connection-timed-out'] : ['connection-lost'],
          secrets: begun.secrets,
        })
      : [];
  const { hung } = outcome;
  if (interruption === 'the time is up' && outcome.elapsedMs > promptlyMs) {
    faults.push(`it ended ${outcome.elapsedMs} ms after the abort`);
  }
  faults.push(...(await begun.broken()));
  const again = await attempt(async () => world.as(await begun.again(), begun.run));
  if (again.failed) return { hung, found: [...faults, `done again, it failed: ${String(again.error)}`] };
  return { hung, found: [...faults, ...(await begun.unfinished()), ...(await begun.broken())] };
}

const same = (a: Place, b: Place) =>
  a.connection === b.connection && a.nth === b.nth && a.kind === b.kind && a.moment === b.moment;

async function dropped(world: ConformanceWorld, begun: BegunOperation, place: Place): Promise<Outcome> {
  const count = counter();
  const tap = await world.tap((point): WireAction => (same(count(point), place) ? 'drop' : 'pass'));
  return attempt(() => world.as(begun.user, begun.run, world.at(tap.port))).finally(() => tap.close());
}

/** The outcome's time counts from the abort. */
async function aborted(world: ConformanceWorld, begun: BegunOperation, place: Place): Promise<Outcome> {
  const controller = new AbortController();
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const count = counter();
  const tap = await world.tap(async (point): Promise<WireAction> => {
    if (!same(count(point), place)) return 'pass';
    reached.resolve();
    await released.promise;
    return 'drop';
  });
  const { engine } = world;
  const work = (async () => {
    const login = world.login(begun.user, world.at(tap.port));
    const connection = await engine.connect(login, world.limits({ signal: controller.signal }));
    // Not closed on purpose: the signal alone must end what waits.
    await begun.run(connection);
  })();
  work.catch(() => {
    // It is waited for below; what it says counts there.
  });
  try {
    const early = await Promise.race([
      reached.promise,
      work.then(
        () => 'done',
        () => 'failed',
      ),
    ]);
    if (early === 'done' || early === 'failed') return attempt(() => work);
    controller.abort();
    return await attempt(() => work, patienceMs);
  } finally {
    released.resolve();
    await tap.close();
  }
}

const operations = [ownChange, reset, addition('user'), addition('administrator'), clone];

/** Connections that break, at every point; an answer that is lost after a commit is one of them. */
export const lostConnections: ScenarioGroup = {
  name: 'lost connections',
  scenarios: operations.map((operation) => interrupted(operation, 'the connection is lost')),
};

/** Waits that the end of the invocation cuts short, at every point. */
export const deadlines: ScenarioGroup = {
  name: 'deadlines',
  scenarios: [
    ...operations.map((operation) => interrupted(operation, 'the time is up')),
    {
      name: 'a signal that has aborted already lets nobody log in',
      async run(world) {
        const user = await world.newUser();
        const limits = world.limits({ signal: AbortSignal.abort() });
        const outcome = await attempt(() => world.engine.connect(world.login(user), limits), patienceMs);
        const faults = faultsOf('connect', outcome, { codes: ['connection-timed-out'], secrets: [user.password] });
        return outcome.elapsedMs > promptlyMs ? [...faults, `it took ${outcome.elapsedMs} ms`] : faults;
      },
    },
  ],
};
