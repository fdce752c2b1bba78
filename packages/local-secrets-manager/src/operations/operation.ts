import type * as v from 'valibot';
import type { Clock } from '../clock.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import type { RotationService } from '../rotation/rotation-service.ts';
import type { LabelRules } from '../state/labels.ts';
import type { SecretReader, SecretStore } from '../state/secret-store.ts';
import { checkInput } from '../wire/validation.ts';

/** What an operation works on. */
export interface OperationContext {
  /** What reads see: the store, or an older state of it where a stale read was asked for. */
  readonly reader: SecretReader;
  readonly store: SecretStore;
  readonly labels: LabelRules;
  readonly rotations: RotationService;
  readonly functions: FunctionRegistry;
  readonly clock: Clock;
  /** The ARN of this Region and account up to the secret's name. */
  readonly arnPrefix: string;
}

/** One operation of the API. Adding one is adding a file and a line in `table.ts`. */
export interface Operation {
  /** As in the `x-amz-target` header. */
  readonly name: string;
  /** Whether it only reads, so that it can answer from an older state. */
  readonly reads: boolean;
  /**
   * Checks the input and takes effect, or throws and changes nothing. Synchronous: no other call comes between.
   * @throws ServiceError
   */
  run(context: OperationContext, input: unknown): Record<string, unknown>;
}

/** An operation from its input's schema and what it does with a checked input. */
export function operation<S extends v.GenericSchema>(definition: {
  name: string;
  reads: boolean;
  input: S;
  run(context: OperationContext, input: v.InferOutput<S>): Record<string, unknown>;
}): Operation {
  const { name, reads, input } = definition;
  return { name, reads, run: (context, value) => definition.run(context, checkInput(input, value)) };
}
