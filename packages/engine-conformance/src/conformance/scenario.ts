import type { ConformanceWorld } from './conformance-world.ts';

/** One thing that every engine must hold to, on a server that runs. */
export interface Scenario {
  /** What is so, as a fact: `the old password works no more`. */
  readonly name: string;
  /**
   * Finds what is wrong with the engine. It throws only where the server or the suite itself fails.
   * @returns one line a fault; empty where all is well
   * @throws AbsentPart where there is nothing to try
   */
  run(world: ConformanceWorld): Promise<readonly string[]>;
  /** @default 60000 */
  readonly timeoutMs?: number;
}

/** Scenarios that belong together. */
export interface ScenarioGroup {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

/** An optional part that this engine or this server does not have: the scenario is skipped, and says so. */
export class AbsentPart extends Error {
  override readonly name = 'AbsentPart';
}

/** What there is. @throws AbsentPart with the reason where it is absent */
export function present<T>(part: T | undefined, reason: string): T {
  if (part === undefined) throw new AbsentPart(reason);
  return part;
}
