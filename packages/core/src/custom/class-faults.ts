import { RotationError } from '../errors.ts';
import type { Step } from '../rotation-event.ts';

/** What a class brings besides what it inherits. */
export interface ClassParts {
  readonly name: string;
  /** Whether it was made with a strategy. */
  readonly hasStrategy: boolean;
  /** The hooks that it has. */
  readonly hooks: ReadonlySet<string>;
  /** The steps that it takes in its own way. */
  readonly overridden: ReadonlySet<Step>;
}

/** Hooks that a given strategy does the work of, in the order of the steps. */
const hooksOfStrategy = ['nextSecret', 'changeCredential', 'isSameAccount'] as const;

/**
 * Looks, before anything is written, whether a class can rotate at all.
 * @throws RotationError `invalid-configuration`, naming every hook that is missing or would never be called
 */
export function checkClass({ name, hasStrategy, hooks, overridden }: ClassParts): void {
  if (hasStrategy) {
    const unasked = hooks.has('proveCredential') ? [] : ['parseSecret'];
    const idle = [...unasked, ...hooksOfStrategy].filter((hook) => hooks.has(hook));
    if (idle.length === 0) return;
    throw new RotationError('invalid-configuration', {
      message: `${name} was made with a strategy, which never calls ${idle.join(', ')}`,
      remedy:
        'Make it without a strategy, or remove these hooks: proveCredential is called after the strategy’s own test.',
    });
  }
  const needed = [
    overridden.has('setSecret') ? [] : ['changeCredential', 'proveCredential'],
    overridden.has('testSecret') ? [] : ['proveCredential'],
  ].flat();
  const missing = [...new Set(needed)].filter((hook) => !hooks.has(hook));
  if (missing.length === 0) return;
  throw new RotationError('invalid-configuration', {
    message: `${name} does not say how to rotate: it lacks ${missing.join(' and ')}`,
    remedy:
      'Implement the named methods in the class that extends RotationFunction, or make it with a strategy such as singleUser(postgres()).',
  });
}
