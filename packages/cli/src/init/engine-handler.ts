import type { EngineFacts } from './find-engines.ts';
import { className, type Project, strategyFunction } from './project.ts';

/** The handler for an engine: its strategy, and where to change a step. */
export function engineHandler(project: Project, { packageName, factory }: EngineFacts): string {
  const strategy = strategyFunction(project);
  const imports = ['RotationFunction', 'type RotationHandler', strategy];
  const names = imports.sort((a, b) => a.replace('type ', '').localeCompare(b.replace('type ', ''))).join(', ');
  return `import { ${names} } from '@keyturn/core';
import { ${factory} } from '${packageName}';

/**
 * Each of the four steps can be overridden, with \`super\` for what it does by itself; \`proveCredential\` adds a test of
 * your own to testSecret.
 */
class ${className(project)} extends RotationFunction {}

export const handler: RotationHandler = new ${className(project)}(${strategy}(${factory}())).handler;
`;
}
