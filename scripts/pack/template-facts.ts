import type { ErrorCode } from '@keyturn/core';
import type { StrategyName } from './strategies.ts';

/** A key of the secret, as the table in a template's README tells of it. */
interface SecretKey {
  readonly name: string;
  /** As JSON shows it in the example. Absent: the key stands in the table only. */
  readonly example?: string | number;
  readonly meaning: string;
}

/** Statements that somebody runs once, before the first rotation. */
interface Grant {
  /** When they are needed, as a sentence. */
  readonly when: string;
  /** The language of the fence. @default 'sql' */
  readonly language?: 'sql' | 'text' | 'js' | 'json';
  readonly statements: string;
}

/** What an error means at this engine beyond core's own table. */
interface ErrorNote {
  readonly code: ErrorCode;
  readonly meaning: string;
}

/** One template. */
interface TemplateFacts {
  /** The folder's name, and the function's logical id: AWS's name where AWS has such a template. */
  readonly name: string;
  readonly strategy: StrategyName;
  /** How the construct library calls it, without the strategy. @default - as the package is called */
  readonly method?: string;
  /** What is rotated, for the description: `PostgreSQL users on Amazon RDS, on Aurora, and on servers of your own`. */
  readonly rotates: string;
  /** How the handler makes the engine. @default - the service's */
  readonly make?: { readonly call: string; readonly imports: readonly string[] };
  /** Whether handler.ts is written by hand, for people to change. @default false */
  readonly handlerByHand?: boolean;
  /** Whether it asks Amazon RDS where the server of a managed master secret is. @default false */
  readonly asksRds?: boolean;
  /** Options of the strategy besides, as code: `changedBy: 'master'`. */
  readonly strategyOptions?: string;
  /** Replaces the service's. */
  readonly secret?: readonly SecretKey[];
  readonly grants: readonly Grant[];
  /** What clients see, where the strategy's own words do not fit. */
  readonly clients?: string;
  /** Of the function, in seconds. @default 60 */
  readonly timeoutSeconds?: number;
}

/** What an engine or a service says of itself for its templates: `templates.ts` beside its package.json exports it as `templates`. */
export interface ServiceTemplates {
  /** `PostgreSQL` */
  readonly title: string;
  /** The package that the handler imports the engine from. */
  readonly package: string;
  /** How the handler makes the engine. */
  readonly make: { readonly call: string; readonly imports: readonly string[] };
  /** Lines of the handler that define `options` for RotationFunction. @default - it takes none */
  readonly functionOptions?: string;
  /** The package's folder, from the root. */
  readonly folder: string;
  readonly secret: readonly SecretKey[];
  /** The characters that passwords leave out unless `excludeCharacters` says otherwise; absent where none are made here. */
  readonly excludedCharacters?: string;
  /** Whether the function makes and deletes access keys of IAM users. @default false */
  readonly iamUsers?: boolean;
  readonly errors: readonly ErrorNote[];
  readonly templates: readonly TemplateFacts[];
}

/** A template together with the service that it belongs to. */
export interface Template extends TemplateFacts {
  readonly service: ServiceTemplates;
}
