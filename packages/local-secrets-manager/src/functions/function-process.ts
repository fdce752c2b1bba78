import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { FunctionError, initTimedOut, runtimeExited, timedOut } from './function-error.ts';
import { eachLine, type LogLine } from './log-lines.ts';
import { type Invocation, RuntimeApi } from './runtime-api.ts';

const OUTPUT_GRACE_MS = 1000;

/** What starts a function's process. */
export interface ProcessParts {
  readonly nodePath: string;
  readonly bootstrap: string;
  /** The bundle. */
  readonly file: string;
  /** How long it may take until it asks for its first invocation, in milliseconds. */
  readonly initTimeoutMs: number;
  readonly environment: (runtimeApi: string) => Record<string, string>;
  readonly onLine: (line: LogLine) => void;
}

interface Running {
  readonly invocation: Invocation;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FunctionError) => void;
}

/** One process of a function, from its start to its end, with the Runtime API that it talks to. */
export class FunctionProcess {
  #child: ChildProcess | undefined = undefined;
  #api: RuntimeApi | undefined = undefined;
  #running: Running | undefined = undefined;
  #initError: FunctionError | undefined = undefined;
  #ended: string | undefined = undefined;
  #isKilled = false;
  /** Between an answer and the request for the next invocation. */
  #winding: { readonly done: PromiseWithResolvers<void>; readonly timer: NodeJS.Timeout } | undefined = undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();

  /** Starts the process and waits until it is ready. @throws FunctionError where it cannot start */
  static async start(
    parts: ProcessParts,
    requestId: string,
    born: (process: FunctionProcess) => void,
  ): Promise<FunctionProcess> {
    const started = new FunctionProcess();
    born(started);
    await started.#start(parts, requestId);
    return started;
  }

  private constructor() {
    // Told through the invocation as well; alone it must not end this process.
    this.#ready.promise.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it has ended, or is about to. */
  get isOver(): boolean {
    return this.#ended !== undefined || this.#initError !== undefined || this.#isKilled;
  }

  /** @throws FunctionError the function's own, or how the process ended or was ended for its time-out */
  invoke(invocation: Invocation): Promise<unknown> {
    const { requestId, timeoutMs } = invocation;
    return new Promise((resolve, reject) => {
      if (this.isOver || this.#api === undefined) return reject(runtimeExited(requestId, this.#ended ?? ''));
      const timer = setTimeout(() => {
        this.#finish(timedOut(requestId, timeoutMs));
        this.kill();
      }, timeoutMs);
      const settle =
        <T>(settled: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          settled(value);
        };
      this.#running = { invocation, resolve: settle(resolve), reject: settle(reject) };
      this.#api.deliver(invocation);
    });
  }

  /** Waits until the process asks for the next invocation, or has ended. */
  async idle(): Promise<void> {
    await this.#winding?.done.promise;
  }

  /** SIGKILL to this process, and to no other. */
  kill(): void {
    this.#isKilled = true;
    if (this.#ended === undefined) this.#child?.kill('SIGKILL');
  }

  /** Kills the process and waits until it has gone. */
  async close(): Promise<void> {
    this.kill();
    const child = this.#child;
    if (child === undefined) return;
    // A process of the function's own making may outlive it and hold its output open.
    const timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, OUTPUT_GRACE_MS);
    await this.#gone.promise;
    clearTimeout(timer);
  }

  async #start(parts: ProcessParts, requestId: string): Promise<void> {
    this.#api = await RuntimeApi.start({
      ready: () => this.#onReady(),
      response: (id, body) => this.#onAnswer(id, body, undefined),
      error: (id, body) => this.#onAnswer(id, body, errorOf(body)),
      initError: (body) => {
        this.#initError = errorOf(body);
        this.#ready.reject(this.#initError);
      },
    });
    if (this.#isKilled) this.#onEnd('signal: killed', requestId);
    else this.#spawn(parts, requestId, this.#api.address);
    const timer = setTimeout(() => {
      this.#ready.reject(initTimedOut(requestId, parts.initTimeoutMs));
      this.kill();
    }, parts.initTimeoutMs);
    try {
      await this.#ready.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #spawn(parts: ProcessParts, requestId: string, runtimeApi: string): void {
    const child = spawn(parts.nodePath, [parts.bootstrap, parts.file], {
      env: parts.environment(runtimeApi),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    eachLine(child.stdout, 'stdout', parts.onLine);
    eachLine(child.stderr, 'stderr', parts.onLine);
    child.once('error', (error: NodeJS.ErrnoException) => {
      this.#onEnd(`cannot start (${error.code ?? error.name})`, requestId);
      if (child.pid === undefined) this.#gone.resolve();
    });
    child.once('exit', (code, signal) => this.#onEnd(statusOf(code, signal), requestId));
    child.once('close', () => this.#gone.resolve());
  }

  #onReady(): void {
    this.#ready.resolve();
    this.#wound();
  }

  #wound(): void {
    clearTimeout(this.#winding?.timer);
    this.#winding?.done.resolve();
    this.#winding = undefined;
  }

  #onAnswer(requestId: string, body: string, error: FunctionError | undefined): void {
    if (this.#running?.invocation.requestId !== requestId) return;
    // A process that is stuck after its answer would never take another invocation.
    const timer = setTimeout(() => this.kill(), this.#running.invocation.timeoutMs);
    this.#winding = { done: Promise.withResolvers(), timer };
    if (error !== undefined) this.#finish(error);
    else {
      const { resolve } = this.#running;
      this.#running = undefined;
      resolve(parsed(body));
    }
  }

  #finish(error: FunctionError): void {
    const running = this.#running;
    this.#running = undefined;
    running?.reject(error);
  }

  #onEnd(status: string, requestId: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = status;
    this.#ready.reject(this.#initError ?? runtimeExited(requestId, status));
    this.#finish(runtimeExited(this.#running?.invocation.requestId ?? requestId, status));
    this.#wound();
    this.#api?.close();
  }
}

function errorOf(body: string): FunctionError {
  const told = parsed(body);
  const { errorType, errorMessage, trace } = (typeof told === 'object' ? told : {}) as Record<string, unknown>;
  const frames = Array.isArray(trace) ? trace.map(String) : [];
  return new FunctionError(String(errorType ?? 'Error'), String(errorMessage ?? ''), frames);
}

// The process writes what it likes: what is no JSON counts as nothing.
function parsed(body: string): unknown {
  try {
    return JSON.parse(body) ?? undefined;
  } catch {
    return undefined;
  }
}

// Lambda writes signals by their plain names.
const SIGNAL_NAMES: Record<string, string> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
};

function statusOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `signal: ${SIGNAL_NAMES[signal] ?? constants.signals[signal]}`;
  return code === 0 || code === null ? '' : `exit status ${code}`;
}
