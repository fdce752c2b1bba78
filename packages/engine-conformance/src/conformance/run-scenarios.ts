import type { Engine } from '@keyturn/core';
import type { DatabaseService } from '../service.ts';
import { ConformanceWorld } from './conformance-world.ts';
import { scenarioGroups } from './groups.ts';
import { AbsentPart } from './scenario.ts';

/** What scenarios came to. */
export interface ScenarioResult {
  /** `group: scenario`. */
  readonly name: string;
  readonly faults: readonly string[];
  /** Why it was not run. */
  readonly skipped?: string;
}

/**
 * Runs groups of scenarios, without a test runner, on a server of their own.
 * @param groups their names; one that there is not is an Error
 */
export async function runScenarios(
  engine: Engine,
  service: DatabaseService,
  groups: readonly string[],
): Promise<readonly ScenarioResult[]> {
  const chosen = groups.map((wanted) => {
    const group = scenarioGroups.find(({ name }) => name === wanted);
    if (group === undefined) throw new Error(`there is no group ${wanted}`);
    return group;
  });
  const world = await ConformanceWorld.start(engine, service);
  const results: ScenarioResult[] = [];
  try {
    for (const group of chosen) {
      for (const { name: scenario, run } of group.scenarios) {
        const name = `${group.name}: ${scenario}`;
        try {
          results.push({ name, faults: await run(world) });
        } catch (error) {
          if (!(error instanceof AbsentPart)) throw error;
          results.push({ name, faults: [], skipped: error.message });
        }
      }
    }
  } finally {
    await world.stop();
  }
  return results;
}
