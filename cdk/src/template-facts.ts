import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the construct library has to know of a template. */
export interface TemplateFacts {
  /** The name of the template, such as `SecretsManagerRDSPostgreSQLRotationSingleUser`. */
  readonly name: string;
  /** The method of RotationTemplate that makes it. */
  readonly method: string;
  /** What the function is for, in one sentence. */
  readonly description: string;
  /** How long an invocation may take unless told otherwise. */
  readonly timeoutSeconds: number;
  /** Whether another user's secret is read: always, if PASSWORD_CHANGED_BY says so, or never. */
  readonly master: 'needed' | 'optional' | 'none';
  /**
   * The values of the secret's key `engine` that it takes.
   * @default - there is no such key
   */
  readonly engines?: readonly string[];
  /**
   * The port of a secret that names none.
   * @default - it connects to no port
   */
  readonly defaultPort?: number;
  /** Keys without which no rotation begins. */
  readonly requiredKeys: readonly string[];
  /** The environment variables that mean something to it. */
  readonly variables: readonly string[];
  /** What its role has to allow, by the Sid of the statement. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
}

let loaded: Readonly<Record<string, TemplateFacts>> | undefined;

/** All templates by their names. */
export function allTemplates(): Readonly<Record<string, TemplateFacts>> {
  loaded ??= JSON.parse(readFileSync(join(import.meta.dirname, 'rotation-templates.json'), 'utf8'));
  return loaded as Readonly<Record<string, TemplateFacts>>;
}

/** One of them. @throws Error if there is none of that name */
export function factsOf(name: string): TemplateFacts {
  const facts = allTemplates()[name];
  if (facts === undefined) throw new Error(`There is no template ${name}.`);
  return facts;
}
