import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import type { Engine } from '@keyturn/core';
import type { Part } from './cloudformation.ts';
import { functionStatements, lambdaStatements } from './role-policy.ts';
import { descriptionOf, templateParameters } from './sam-template.ts';
import { strategies } from './strategies.ts';
import type { Template } from './template-facts.ts';

/** The sources of the construct library. */
export const cdkSources: string = join(import.meta.dirname, '..', '..', 'cdk', 'src');

const header = 'Generated from templates.ts of engines and services and from scripts/pack/ by npm run templates.';

/**
 * The files of the construct library that tell of the templates, by their names: what it has to know of each, and a
 * method for each.
 */
export async function cdkFiles(templates: readonly Template[]): Promise<ReadonlyMap<string, string>> {
  const facts: Record<string, object> = {};
  for (const template of templates) facts[template.name] = await factsOf(template);
  return new Map([
    ['rotation-templates.json', `${JSON.stringify(facts, null, 2)}\n`],
    ['rotation-template.ts', classFile(templates)],
  ]);
}

/** The names of those that differ from what is there. Where there is no construct library, there are none. */
export async function staleCdkFiles(templates: readonly Template[]): Promise<string[]> {
  if (!existsSync(cdkSources)) return [];
  const stale: string[] = [];
  for (const [name, text] of await cdkFiles(templates)) {
    const present = await readFile(join(cdkSources, name), 'utf8').catch(() => undefined);
    if (present !== text) stale.push(name);
  }
  return stale;
}

/** The method that makes a template: `postgresSingleUser`, after the package and after what stands behind "Rotation". */
function methodOf({ name, method, service }: Template): string {
  const of = method ?? service.package.replace(/^@keyturn\/(engine-)?/, '');
  const [, suffix = ''] = /Rotation(SingleUser|MultiUser|MultiCredential)$/.exec(name) ?? [];
  return `${of.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}${suffix}`;
}

async function factsOf(template: Template): Promise<object> {
  const { name, strategy, timeoutSeconds = 60 } = template;
  const { master, database } = strategies[strategy];
  const variables = templateParameters(template).flatMap(({ variable }) => variable ?? []);
  const engine = database ? await engineOf(template) : undefined;
  return {
    name,
    method: methodOf(template),
    description: descriptionOf(template),
    timeoutSeconds,
    master,
    ...(engine === undefined ? {} : { engines: engine.secret.engines, defaultPort: engine.secret.defaultPort }),
    requiredKeys: database ? ['host', 'username', 'password'] : [],
    variables: master === 'none' ? variables : [...variables, 'MASTER_SECRET_ARN'],
    actions: actionsOf(template),
  };
}

/** The engine that the handler of a template makes. */
async function engineOf({ make, service }: Template): Promise<Engine> {
  const { call } = make ?? service.make;
  const [, factory = '', options = ''] = /^(\w+)\((.*)\)$/s.exec(call) ?? [];
  const source = join(import.meta.dirname, '..', '..', service.folder, 'src', 'index.ts');
  const module = await import(pathToFileURL(source).href);
  return module[factory](options === '' ? undefined : runInNewContext(`(${options})`));
}

/** What the role has to allow, by the Sid of the statement. */
function actionsOf(template: Template): Record<string, readonly string[]> {
  const actions: Record<string, readonly string[]> = {};
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { Sid, Action } = value as Part;
    if (typeof Sid === 'string') actions[Sid] = (Array.isArray(Action) ? Action : [Action]) as string[];
    else for (const each of Object.values(value)) collect(each);
  };
  collect([...lambdaStatements(), ...functionStatements(template)]);
  return actions;
}

function classFile(templates: readonly Template[]): string {
  const methods = templates.map((template) => {
    const text = `${descriptionOf(template)} The code of \`${template.name}\`.`;
    return `  /** ${text.replaceAll('*/', '* /')} */
  static ${methodOf(template)}(): RotationTemplate {
    return new RotationTemplate(factsOf('${template.name}'));
  }
`;
  });
  return `// ${header}
import { factsOf, type TemplateFacts } from './template-facts.ts';

/** One of Keyturn's ready rotation functions: the code, and what it needs. */
export class RotationTemplate {
  /** What the template says of itself. */
  readonly facts: TemplateFacts;

  private constructor(facts: TemplateFacts) {
    this.facts = facts;
  }

  /** The name of the template, such as \`SecretsManagerRDSPostgreSQLRotationSingleUser\`. */
  get name(): string {
    return this.facts.name;
  }

${methods.join('\n')}}
`;
}
