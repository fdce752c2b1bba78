import { Token } from 'aws-cdk-lib';
import type { FunctionFacts } from './function-facts.ts';
import type { MasterNeed } from './master-secrets.ts';
import type { SecretShape } from './secret-shape.ts';
import { allTemplates } from './template-facts.ts';

/** What is known of a secret and of what it is for, before anything is deployed. */
export interface SecretFacts {
  /** Of the secret's construct, for messages. */
  readonly path: string;
  /** Undefined where the app does not say what the secret holds. */
  readonly shape: SecretShape | undefined;
  /** Whether its host, port and engine come from what it is attached to. */
  readonly isAttached: boolean;
  /** What runs at the target, where that is known. */
  readonly targetEngine: string | undefined;
  /** Whether a master secret is given here, or the secret names one. */
  readonly master: 'given' | 'named' | 'none';
  /** Whether the function reads one. */
  readonly masterNeed: MasterNeed;
}

/**
 * Whether a function can rotate a secret.
 * @throws Error with everything that speaks against it, and what to do about each
 */
export function checkSecret(secret: SecretFacts, facts: FunctionFacts): void {
  const problems = [...engineProblems(secret, facts), ...keyProblems(secret, facts), ...masterProblems(secret, facts)];
  if (problems.length === 0) return;
  throw new Error(`${facts.name} cannot rotate ${secret.path}:\n${problems.map((each) => `- ${each}`).join('\n')}`);
}

function engineProblems({ shape, isAttached, targetEngine }: SecretFacts, { engines }: FunctionFacts): string[] {
  const engine = targetEngine ?? (isAttached ? undefined : shape?.engine);
  if (engines === undefined || typeof engine !== 'string' || Token.isUnresolved(engine) || engines.includes(engine)) {
    return [];
  }
  const fitting = Object.values(allTemplates()).filter((template) => template.engines?.includes(engine));
  const instead =
    fitting.length === 0
      ? 'No template is for it: extend RotationFunction of @keyturn/core, and give the built file as entry.'
      : `Use ${fitting.map(({ method }) => `RotationTemplate.${method}()`).join(' or ')}.`;
  return [`its engine is ${engine}, and the template takes ${engines.join(', ')}. ${instead}`];
}

function keyProblems({ shape, isAttached }: SecretFacts, { requiredKeys }: FunctionFacts): string[] {
  if (shape === undefined) return [];
  const missing = requiredKeys.filter((key) => !(key in shape) && !(isAttached && key === 'host'));
  if (missing.length === 0) return [];
  const where = missing.includes('host') ? ', or let rotate() attach it to its database, which adds host' : '';
  return [
    `it lacks ${missing.join(', ')}. Put ${missing.length === 1 ? 'it' : 'them'} into generateSecretString or secretObjectValue${where}.`,
  ];
}

function masterProblems({ master, masterNeed }: SecretFacts, facts: FunctionFacts): string[] {
  if (masterNeed === 'needed' && master === 'none') {
    return [
      'no master secret is known. Give masterSecret, the secret of a user that may make and change users, to rotate() or to the function; or put its ARN into the secret as masterarn.',
    ];
  }
  if (masterNeed !== 'none' || master !== 'given') return [];
  return facts.master === 'none'
    ? ['it needs no master secret. Leave masterSecret out.']
    : ["its user changes its own password. Leave masterSecret out, or set passwordChangedBy: 'master'."];
}
