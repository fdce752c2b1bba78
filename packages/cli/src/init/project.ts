import { buildFiles } from './build-files.ts';
import { configFiles } from './config-files.ts';
import { engineHandler } from './engine-handler.ts';
import { engineTest } from './engine-test.ts';
import type { EngineFacts } from './find-engines.ts';
import { genericHandler } from './generic-handler.ts';
import { genericTest } from './generic-test.ts';
import { readme } from './readme-file.ts';
import { samTemplate } from './sam-template.ts';

/** What a project is made of. */
export interface Project {
  /** Of the function and of the package: `rotate-orders-db`. */
  readonly name: string;
  /** Undefined for a service of one's own. */
  readonly engine: EngineFacts | undefined;
  /** `custom` for a service of one's own. */
  readonly strategy: string;
  /** The versions of Keyturn's packages: `^0.1.0`. */
  readonly versionRange: string;
}

/** The project's files: their contents by their paths in its folder. */
export async function filesOf(project: Project): Promise<ReadonlyMap<string, string>> {
  const { engine } = project;
  return new Map([
    ['handler.ts', engine === undefined ? genericHandler(project) : engineHandler(project, engine)],
    ['handler.test.ts', engine === undefined ? genericTest(project) : engineTest(project, engine)],
    ['template.yaml', samTemplate(project)],
    ['README.md', readme(project)],
    ...(await buildFiles()),
    ...configFiles(project),
  ]);
}

/** `rotate-orders-db` as the name of a class: `RotateOrdersDb`. */
export function className({ name }: Pick<Project, 'name'>): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What the strategy's function is called: `alternatingUsers`. */
export function strategyFunction({ strategy }: Pick<Project, 'strategy'>): string {
  return strategy.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether the strategy needs a master secret in any case. */
export function needsMaster({ strategy }: Pick<Project, 'strategy'>): boolean {
  return strategy === 'alternating-users' || strategy === 'multi-credential';
}
