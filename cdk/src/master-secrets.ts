import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FunctionFacts } from './function-facts.ts';
import type { RotationPolicy } from './role-policies.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { isSameSecret, type SecretShape } from './secret-shape.ts';

/** Whether a function reads a master secret: of code of one's own it is not known. */
export type MasterNeed = 'needed' | 'none' | 'unknown';

/** Whether it does, as its options have it. */
export function masterNeedOf(
  { master }: FunctionFacts,
  passwordChangedBy: RotationFunctionProps['passwordChangedBy'],
): MasterNeed {
  if (master === 'needed') return passwordChangedBy === 'user' ? 'none' : 'needed';
  if (master === 'optional') return passwordChangedBy === 'master' ? 'needed' : 'none';
  return master;
}

/** The secrets of users that make and change users, as one function knows them. */
export class MasterSecrets {
  readonly #function: LambdaFunction;
  readonly #policy: RotationPolicy;
  readonly #need: MasterNeed;
  #named: string | undefined;

  constructor(fn: LambdaFunction, policy: RotationPolicy, need: MasterNeed) {
    this.#function = fn;
    this.#policy = policy;
    this.#need = need;
  }

  /**
   * Lets the function read the master secret of a secret, and tells it which it is, where the secret does not.
   * @throws Error where two secrets of one function would need two masters that nothing names
   */
  use(secret: ISecret, shape: SecretShape | undefined, master: ISecret | undefined): void {
    if (this.#need === 'none') return;
    const named = shape?.masterarn;
    if (master === undefined) {
      if (typeof named === 'string') this.#policy.allowMaster({ secretArn: named, secretFullArn: named });
      return;
    }
    if (isSameSecret(master, secret)) {
      throw new Error(
        `${secret.node.path} would be its own master secret. Rotate it by a single-user template, or give the application a user and a secret of its own.`,
      );
    }
    this.#policy.allowMaster(master);
    if (named !== undefined) return;
    if (this.#named !== undefined && this.#named !== master.secretArn) {
      throw new Error(
        `${secret.node.path} has another master secret than the function's other secrets. Put its ARN into the secret as masterarn, or use a second RotationFunction.`,
      );
    }
    if (this.#named === undefined) this.#function.addEnvironment('MASTER_SECRET_ARN', master.secretArn);
    this.#named = master.secretArn;
  }
}
