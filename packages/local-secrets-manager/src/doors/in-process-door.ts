import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { CallHook } from '../faults/fault-action.ts';
import { CallCounter } from '../faults/fault-plan.ts';

/** The part of the SDK's request that the service reads. */
export interface SdkRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the SDK's client makes its result from. */
export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** The SDK's `HttpHandler`, without a socket: give it to a client as `requestHandler`. */
export interface InProcessDoor {
  handle(request: SdkRequest, options?: { abortSignal?: unknown }): Promise<{ response: SdkResponse }>;
  readonly metadata: { readonly handlerProtocol: 'http/1.1' };
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** Settings of one in-process door: one simulated process, say. */
export interface InProcessDoorOptions {
  /** How the timeline names its calls. @default - the function's name, else `in-process` */
  readonly caller?: string;
  /** The registered function whose process this door stands for: `kill` ends its invocation. */
  readonly functionName?: string;
  /** Asked about each call through this door, before the service's own hook. */
  readonly onCall?: CallHook;
}

/** @param closed aborts when the service closes: frozen requests end then */
export function inProcessDoor(
  dispatcher: Dispatcher,
  { caller, functionName, onCall }: InProcessDoorOptions,
  closed: AbortSignal,
): InProcessDoor {
  const door = { hook: onCall, counter: new CallCounter() };
  return {
    async handle(request, options = {}) {
      const signal = anySignal(closed, options.abortSignal);
      const reply = await dispatcher.handle({
        target: header(request.headers, 'x-amz-target'),
        body: bodyText(request.body),
        caller: caller ?? functionName ?? 'in-process',
        functionName,
        door,
        signal,
      });
      const body = new TextEncoder().encode(reply.body);
      return { response: { statusCode: reply.status, headers: { ...reply.headers }, body } };
    },
    metadata: { handlerProtocol: 'http/1.1' },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function anySignal(closed: AbortSignal, given: unknown): AbortSignal {
  return given instanceof AbortSignal ? AbortSignal.any([closed, given]) : closed;
}

function header(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function bodyText(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  if (body === undefined || body === null) return '';
  throw new TypeError('The in-process door takes a body as a string or bytes.');
}
