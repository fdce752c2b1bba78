import { strategies } from './strategies.ts';
import type { Template } from './template-facts.ts';

/** The text of a template's handler.ts: a few lines that a user can read and copy. */
export function handlerFile({ service, strategy, asksRds = false, strategyOptions, ...facts }: Template): string {
  const { call } = strategies[strategy];
  const { functionOptions } = service;
  const make = facts.make ?? service.make;
  const options = [
    ...(strategyOptions === undefined ? [] : [strategyOptions]),
    ...(asksRds ? ['managedServices: rds()'] : []),
  ];
  const argument = options.length === 0 ? '' : `, { ${options.join(', ')} }`;
  const imports = [
    imported('@keyturn/core', [call, 'RotationFunction', 'type RotationHandler']),
    imported(service.package, make.imports),
    ...(asksRds ? [imported('@keyturn/rds', ['rds'])] : []),
  ];
  return `${imports.join('\n')}

const strategy = ${call}(${make.call}${argument});
${functionOptions === undefined ? '' : `${functionOptions}\n`}
export const handler: RotationHandler = new RotationFunction(strategy${functionOptions === undefined ? '' : ', options'}).handler;
`;
}

/** In the order that the formatter asks for: by name, without regard to case and to `type`. */
function imported(from: string, names: readonly string[]): string {
  const key = (name: string) => name.replace('type ', '').toLowerCase();
  const sorted = names.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return `import { ${sorted.join(', ')} } from '${from}';`;
}
