import type { Engine } from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCrashMatrix } from '../crash-matrix/crash-matrix.ts';
import { formsOf } from '../crash-matrix/forms.ts';
import type { DatabaseService, ServiceModule } from '../service.ts';
import { ConformanceWorld } from './conformance-world.ts';
import { givenService } from './given-service.ts';
import { scenarioGroups } from './groups.ts';
import { AbsentPart } from './scenario.ts';

/** What of the suite is run, and for which servers. */
export interface ConformanceOptions {
  /** @default - both; in two files they run side by side */
  readonly part?: 'scenarios' | 'crash matrix';
  /** @default 'newest' - the last of the services */
  readonly servers?: 'newest' | 'all';
  /** How much of the crash matrix; with `all`, sweeps too stop at every place and not at some of them. @default 'each' */
  readonly extent?: 'each' | 'half' | 'all';
}

/**
 * Declares the conformance suite for an engine: what every engine must hold to, on real servers. What the engine
 * or the service does not have is skipped, with the reason.
 * @param service what the engine's service folder exports, or its servers; where `KEYTURN_TEST_<ENGINE>_URL` is
 *   set, the suite runs against that server and no other
 */
export function describeConformance(
  engine: Engine,
  service: ServiceModule | readonly DatabaseService[],
  { part, servers = 'newest', extent = 'each' }: ConformanceOptions = {},
): void {
  for (const each of chosen(engine, service, servers)) {
    if (part !== 'crash matrix') describeScenarios(engine, each, extent === 'all');
    if (part !== 'scenarios') describeCrashMatrix(each, formsOf(engine), { extent });
  }
}

function describeScenarios(engine: Engine, service: DatabaseService, thorough: boolean): void {
  describe(`conformance, ${service.engine} ${service.version}${service.kind === 'double' ? ' (double)' : ''}`, () => {
    let world: ConformanceWorld;

    beforeAll(async () => {
      world = await ConformanceWorld.start(engine, service, thorough);
      console.log(`Generated cases: KEYTURN_SEED=${world.seed}`);
    }, 300_000);
    afterAll(() => world?.stop());

    for (const group of scenarioGroups) {
      describe(group.name, () => {
        for (const { name, run, timeoutMs = 60_000 } of group.scenarios) {
          test(name, { timeout: timeoutMs }, async (context) => {
            let faults: readonly string[];
            try {
              faults = await run(world);
            } catch (error) {
              if (error instanceof AbsentPart) return context.skip(error.message);
              throw error;
            }
            expect(faults).toEqual([]);
          });
        }
      });
    }
  });
}

function chosen(
  engine: Engine,
  service: ServiceModule | readonly DatabaseService[],
  servers: 'newest' | 'all',
): readonly DatabaseService[] {
  const module: ServiceModule = 'services' in service ? service : { services: service };
  const name = module.services.at(-1)?.engine ?? engine.name;
  const given = givenService(module, name);
  if (given !== undefined) return [given];
  if (module.services.length === 0) throw new Error(`there is no server of ${engine.name} for this platform`);
  return servers === 'all' ? module.services : module.services.slice(-1);
}
