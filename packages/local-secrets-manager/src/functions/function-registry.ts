import { createHash } from 'node:crypto';
import { FunctionError } from './function-error.ts';
import type { FunctionIdentity, RotationEvent, RotationTarget } from './rotation-target.ts';

interface Registered {
  readonly identity: FunctionIdentity;
  readonly target: RotationTarget;
  readonly isInvokable: boolean;
}

/** Settings of a registration. */
export interface RegisterOptions {
  /**
   * Whether the function's own policy lets Secrets Manager invoke it. Where it does not, RotateSecret is refused and
   * an invocation fails, as for a function that does not exist.
   * @default - true
   */
  readonly isInvokable?: boolean;
}

const LAMBDA_ARN = /^(arn:aws[a-z-]*:lambda:[^:]+:\d{12}:function:([^:]+))(:[^:]+)?$/;

/** The functions that may be invoked, by ARN. */
export class FunctionRegistry {
  readonly #functions = new Map<string, Registered>();
  readonly #everRegistered = new Set<string>();
  readonly #region: string;
  readonly #accountId: string;
  readonly #endpoint: () => string | undefined;

  constructor(region: string, accountId: string, endpoint: () => string | undefined) {
    this.#region = region;
    this.#accountId = accountId;
    this.#endpoint = endpoint;
  }

  /** Registers a function under its name or ARN, instead of one registered before. @returns its full ARN */
  register(nameOrArn: string, target: RotationTarget, { isInvokable = true }: RegisterOptions = {}): string {
    const functionArn = this.#fullArn(nameOrArn);
    const functionName = nameOf(functionArn);
    const identity = {
      functionName,
      functionArn,
      region: this.#region,
      accessKeyId: accessKeyIdOf(functionName),
      endpoint: this.#endpoint,
    };
    this.#functions.set(functionArn, { identity, target, isInvokable });
    this.#everRegistered.add(functionArn);
    return functionArn;
  }

  /** Forgets a function: from then on it cannot be invoked. Its target is not closed. */
  unregister(nameOrArn: string): void {
    this.#functions.delete(this.#fullArn(nameOrArn));
  }

  /** The full ARN of a registered function that may be invoked, `undefined` for any other. */
  arnOf(nameOrArn: string): string | undefined {
    const arn = this.#fullArn(nameOrArn);
    return this.#functions.get(arn)?.isInvokable === true ? arn : undefined;
  }

  /** Whether the function has been registered since the service began, even if it is not any more. */
  wasRegistered(functionArn: string): boolean {
    return this.#everRegistered.has(functionArn);
  }

  /** The name of the function that signs with this access key id. */
  nameBehind(accessKeyId: string): string | undefined {
    for (const { identity } of this.#functions.values()) {
      if (identity.accessKeyId === accessKeyId) return identity.functionName;
    }
    return undefined;
  }

  /** @throws FunctionError, also where the function is not registered any more */
  async invoke(functionArn: string, event: RotationEvent): Promise<unknown> {
    const registered = this.#functions.get(functionArn);
    if (registered === undefined) {
      throw new FunctionError('ResourceNotFoundException', `Function not found: ${functionArn}`);
    }
    if (!registered.isInvokable) {
      throw new FunctionError('AccessDeniedException', `Secrets Manager may not invoke ${functionArn}`);
    }
    return registered.target.invoke(event, registered.identity);
  }

  /** Kills what runs for the function of this name. */
  kill(functionName: string): void {
    for (const { identity, target } of this.#functions.values()) {
      if (identity.functionName === functionName) target.kill();
    }
  }

  /** Closes every target. */
  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map(({ target }) => target.close()));
  }

  #fullArn(nameOrArn: string): string {
    const arn = LAMBDA_ARN.exec(nameOrArn)?.[1];
    return arn ?? `arn:aws:lambda:${this.#region}:${this.#accountId}:function:${nameOrArn}`;
  }
}

function nameOf(functionArn: string): string {
  return functionArn.slice(functionArn.lastIndexOf(':') + 1);
}

// Fixed for a name, so that a restarted process is known again; shaped as a temporary key's id.
function accessKeyIdOf(functionName: string): string {
  const hash = createHash('sha256').update(functionName).digest('hex').toUpperCase();
  return `ASIA${hash.slice(0, 16)}`;
}
