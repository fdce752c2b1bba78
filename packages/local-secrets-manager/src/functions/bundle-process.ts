import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FunctionProcess } from './function-process.ts';
import { lambdaEnvironment } from './lambda-environment.ts';
import type { LogLine } from './log-lines.ts';
import type { FunctionIdentity, RotationEvent, RotationTarget } from './rotation-target.ts';

export type { LogLine } from './log-lines.ts';

// Beside this file, in the source as in the built package.
const bootstrap = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));

/** Settings of a function that runs as a process of its own. */
export interface BundleProcessOptions {
  /** The built bundle, an `.mjs` file: a path or a `file:` URL. */
  readonly file: string | URL;
  /** Module and export, as Lambda names them; the module is `file` whatever it says. @default - its export `handler` */
  readonly handler?: string;
  /** The function's own variables, over Lambda's. Anyone on this machine may read them: put no secret here. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For one invocation, in milliseconds. @default - 30 s */
  readonly timeoutMs?: number;
  /** Until a started process is ready, in milliseconds, as Lambda's own. @default - 10 s */
  readonly initTimeoutMs?: number;
  /** What the function is told of its memory; no limit is set. @default - 128 */
  readonly memoryMb?: number;
  /** The Node that runs it. @default - the one that runs this */
  readonly nodePath?: string;
  /** Hears of each line that the function's process writes. */
  readonly onLog?: (line: LogLine) => void;
}

/** A function in a process of its own, for `registerFunction`. */
export interface BundleProcess extends RotationTarget {
  /** The process that runs now, if one does. */
  readonly pid: number | undefined;
  /** How many processes were started so far. */
  readonly starts: number;
}

/**
 * Runs a built bundle as Lambda runs it: one process, started by the first invocation, kept warm for the
 * next, killed at its time-out and started anew after that or after a crash. Invocations come one at a time.
 */
export function bundleProcess(options: BundleProcessOptions): BundleProcess {
  const file = typeof options.file === 'string' ? resolve(options.file) : fileURLToPath(options.file);
  const {
    timeoutMs = 30_000,
    initTimeoutMs = 10_000,
    memoryMb = 128,
    environment = {},
    nodePath = process.execPath,
  } = options;
  const handler = options.handler ?? `${basename(file).replace(/\.[cm]?js$/, '')}.handler`;
  let current: FunctionProcess | undefined;
  let starts = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function warm(identity: FunctionIdentity, requestId: string): Promise<FunctionProcess> {
    await current?.idle();
    if (current !== undefined && !current.isOver) return current;
    if (closed) throw new Error('The function is closed.');
    await current?.close();
    starts += 1;
    const parts = {
      nodePath,
      bootstrap,
      file,
      initTimeoutMs,
      environment: (runtimeApi: string) =>
        lambdaEnvironment({ identity, runtimeApi, file, handler, memoryMb, environment }),
      onLine: (line: LogLine) => options.onLog?.(line),
    };
    return FunctionProcess.start(parts, requestId, (born) => {
      current = born;
    });
  }

  async function invokeNext(event: RotationEvent, identity: FunctionIdentity): Promise<unknown> {
    const requestId = randomUUID();
    const process = await warm(identity, requestId);
    return process.invoke({ requestId, event, functionArn: identity.functionArn, timeoutMs });
  }

  return {
    get pid() {
      return current === undefined || current.isOver ? undefined : current.pid;
    },
    get starts() {
      return starts;
    },
    invoke(event, identity) {
      const invoked = queue.then(() => invokeNext(event, identity));
      queue = invoked.catch(() => undefined);
      return invoked;
    },
    kill() {
      current?.kill();
    },
    async close() {
      closed = true;
      await current?.close();
    },
  };
}
