import { randomUUID } from 'node:crypto';
import { ConnectionDropped, frozen } from '../faults/broken-call.ts';
import type { CallPoint } from '../faults/fault-action.ts';
import type { CallFaults, FaultPlan } from '../faults/fault-plan.ts';
import type { Operation, OperationContext } from '../operations/operation.ts';
import { operations } from '../operations/table.ts';
import type { Throttle } from '../quotas/throttle.ts';
import type { Activity } from '../rotation/activity.ts';
import type { SecretReader } from '../state/secret-store.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { ServiceError, serialization } from '../wire/service-error.ts';
import { errorReply, successReply } from './replies.ts';
import type { WireReply, WireRequest } from './wire.ts';

const TARGET = /^secretsmanager\.([A-Za-z]{1,64})$/;

interface Call {
  readonly request: WireRequest;
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
  readonly secretId: string | undefined;
  readonly requestId: string;
  /** What ends the call in the timeline, where it is not answered. */
  ending: string | undefined;
  fault: string | undefined;
}

/** What the dispatcher works with. */
export interface DispatcherParts {
  readonly context: Omit<OperationContext, 'reader'>;
  readonly faults: FaultPlan;
  readonly throttle: Throttle;
  readonly timeline: Timeline;
  readonly activity: Activity;
  /** Resolves when every change so far is on disk. */
  readonly durable: () => Promise<void> | undefined;
}

/** Answers requests of both doors: finds the operation, lets faults strike, records the call. */
export class Dispatcher {
  readonly #context: Omit<OperationContext, 'reader'>;
  readonly #faults: FaultPlan;
  readonly #throttle: Throttle;
  readonly #timeline: Timeline;
  readonly #activity: Activity;
  readonly #durable: DispatcherParts['durable'];

  constructor({ context, faults, throttle, timeline, activity, durable }: DispatcherParts) {
    this.#context = context;
    this.#faults = faults;
    this.#throttle = throttle;
    this.#timeline = timeline;
    this.#activity = activity;
    this.#durable = durable;
  }

  /**
   * Answers a request, errors of the service included.
   * @throws ConnectionDropped where a fault breaks the connection; the signal's reason where it aborts
   */
  async handle(request: WireRequest): Promise<WireReply> {
    request.signal.throwIfAborted();
    const requestId = randomUUID();
    const parsed = parse(request);
    if (parsed instanceof ServiceError) return this.#refuse(parsed, request, requestId);
    const { operation, input } = parsed;
    const secretId = this.#secretIdOf(operation, input);
    const call: Call = { request, operation, input, secretId, requestId, ending: undefined, fault: undefined };
    const at = this.#context.clock.now();
    let reply: WireReply | undefined;
    try {
      reply = await this.#answer(call);
      return reply;
    } finally {
      this.#record(call, at, reply);
    }
  }

  #refuse(error: ServiceError, { target, caller }: WireRequest, requestId: string): WireReply {
    const operation = TARGET.exec(target ?? '')?.[1] ?? 'unknown';
    this.#timeline.record({ kind: 'call', operation, caller, outcome: error.type, durationMs: 0 });
    return errorReply(error, requestId);
  }

  async #answer(call: Call): Promise<WireReply> {
    const { caller, functionName, door, signal } = call.request;
    const { operation, secretId, requestId } = call;
    const faults = this.#faults.begin({ operation: operation.name, secretId, caller, functionName }, door);
    try {
      if (!this.#throttle.allows(operation.name)) throw throttled();
      const reader = await this.#strike(call, faults, 'before');
      // A caller that gave up before the call took effect never made it.
      signal.throwIfAborted();
      const reply = await this.#kept(this.#run(call, reader), requestId);
      await this.#strike(call, faults, 'after');
      return reply;
    } catch (error) {
      if (error instanceof ServiceError) return errorReply(error, requestId);
      throw error;
    }
  }

  #run({ operation, input, requestId }: Call, reader: SecretReader): WireReply {
    try {
      return successReply(operation.run({ ...this.#context, reader }, input), requestId);
    } catch (error) {
      // Anything else is a defect; its text may hold a value, so it is not told.
      const known = error instanceof ServiceError;
      return errorReply(
        known ? error : new ServiceError('InternalServiceError', 'An error occurred on the server side.'),
        requestId,
      );
    }
  }

  // No answer tells of what a crash could still undo: reads wait, too, where a write is on its way to the disk.
  async #kept(reply: WireReply, requestId: string): Promise<WireReply> {
    try {
      await this.#durable();
      return reply;
    } catch {
      return errorReply(new ServiceError('InternalServiceError', 'The state could not be written to disk.'), requestId);
    }
  }

  // Lets a fault strike; what reads see from then on comes back.
  async #strike(call: Call, faults: CallFaults, moment: CallPoint['moment']): Promise<SecretReader> {
    const { store, functions } = this.#context;
    const { signal, functionName } = call.request;
    const fault = await faults(moment);
    if (fault.action === 'pass') return store;
    call.fault = `${fault.action} ${moment}`;
    switch (fault.action) {
      case 'drop':
        call.ending = 'dropped';
        throw new ConnectionDropped();
      case 'kill':
      case 'freeze':
        call.ending = fault.action === 'kill' ? 'killed' : 'frozen';
        if (fault.action === 'kill' && functionName !== undefined) functions.kill(functionName);
        return frozen(signal);
      case 'error':
        throw new ServiceError(fault.type, fault.message ?? 'An injected error.', fault.status);
      case 'throttle':
        throw throttled();
      case 'delay':
        await this.#delay(fault.ms, call.request);
        return store;
      case 'stale':
        return call.operation.reads && moment === 'before' ? store.stale(fault.withinMs) : store;
    }
  }

  // A rotation whose function waits for the clock does not hold up a clock that is turned.
  async #delay(ms: number, { signal, functionName }: WireRequest): Promise<void> {
    const sleep = (): Promise<void> => this.#context.clock.sleep(ms, signal);
    await (functionName === undefined ? sleep() : this.#activity.resting(sleep));
  }

  #secretIdOf(operation: Operation, input: Record<string, unknown>): string | undefined {
    const named = operation.name === 'CreateSecret' ? input.Name : input.SecretId;
    if (typeof named !== 'string') return undefined;
    try {
      return this.#context.store.find(named)?.arn ?? named;
    } catch {
      return named; // Not a name at all: the operation will say so.
    }
  }

  #record(call: Call, at: number, reply: WireReply | undefined): void {
    const { operation, input, request, fault } = call;
    // A created secret has an ARN only now.
    const secretId = operation.name === 'CreateSecret' ? this.#secretIdOf(operation, input) : call.secretId;
    const versionId =
      reply?.versionId ??
      [input.ClientRequestToken, input.MoveToVersionId, input.VersionId].find((id) => typeof id === 'string');
    this.#timeline.record({
      kind: 'call',
      at,
      operation: operation.name,
      ...(secretId === undefined ? {} : { secretId }),
      caller: request.caller,
      ...(versionId === undefined ? {} : { versionId }),
      outcome: reply?.outcome ?? call.ending ?? 'aborted',
      durationMs: this.#context.clock.now() - at,
      ...(fault === undefined ? {} : { fault }),
    });
  }
}

function throttled(): ServiceError {
  return new ServiceError('ThrottlingException', 'Rate exceeded');
}

function parse({ target, body }: WireRequest): { operation: Operation; input: Record<string, unknown> } | ServiceError {
  const operation = operations.get(TARGET.exec(target ?? '')?.[1] ?? '');
  if (operation === undefined) return new ServiceError('UnknownOperationException', 'The operation is not known.');
  try {
    const input: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
      return { operation, input: input as Record<string, unknown> };
    }
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
  }
  return serialization('The request body is not a JSON object.');
}
