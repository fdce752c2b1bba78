import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { recordOutput } from '@keyturn/engine-conformance';
import type { FunctionError } from '../packages/local-secrets-manager/src/functions/function-error.ts';
import { FunctionProcess } from '../packages/local-secrets-manager/src/functions/function-process.ts';
import { lambdaEnvironment } from '../packages/local-secrets-manager/src/functions/lambda-environment.ts';

const bootstrap = fileURLToPath(
  new URL('../packages/local-secrets-manager/src/functions/bootstrap.mjs', import.meta.url),
);
const region = 'us-east-1';
const account = `${region}:123456789012`;
const functionArn = `arn:aws:lambda:${account}:function:rotate`;

/** An invocation that failed, as Lambda shows it. */
export interface FailedInvocation {
  readonly errorType: string;
  readonly message: string;
  readonly trace: readonly string[];
  readonly elapsedMs: number;
  /** The lines of the function's log that name the invocation. */
  readonly log: readonly string[];
}

/** A Secrets Manager that takes connections and never answers. */
export async function silentEndpoint(): Promise<{ readonly host: string; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => socket.destroy())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** One process of a function, with Lambda's Runtime API, whose invocations fail. */
export class FailingFunction {
  readonly #process: FunctionProcess;
  readonly #lines: string[];

  private constructor(process: FunctionProcess, lines: string[]) {
    this.#process = process;
    this.#lines = lines;
  }

  /** @param host of Secrets Manager */
  static async start(file: string, nodePath: string, host: string): Promise<FailingFunction> {
    const lines: string[] = [];
    const endpoint = (): string => `http://${host}`;
    const identity = { functionName: 'rotate', functionArn, region, accessKeyId: 'function', endpoint };
    const parts = {
      nodePath,
      bootstrap,
      file,
      initTimeoutMs: 60_000,
      environment: (runtimeApi: string) =>
        lambdaEnvironment({ identity, runtimeApi, file, handler: 'index.handler', memoryMb: 256, environment: {} }),
      onLine: ({ text }: { readonly text: string }) => void lines.push(text),
    };
    return new FailingFunction(await FunctionProcess.start(parts, randomUUID(), () => {}), lines);
  }

  /** Whether the process can take another invocation. */
  get isAlive(): boolean {
    return !this.#process.isOver;
  }

  /** Whatever the process is asked from now on, it never answers. */
  async freeze(): Promise<void> {
    await this.#process.idle();
    if (this.#process.pid !== undefined) process.kill(this.#process.pid, 'SIGSTOP');
  }

  async invoke(Step: string, timeoutMs: number): Promise<FailedInvocation> {
    await this.#process.idle();
    const requestId = randomUUID();
    const start = performance.now();
    const event = {
      Step,
      SecretId: `arn:aws:secretsmanager:${account}:secret:app-AbCdEf`,
      ClientRequestToken: randomUUID(),
      RotationToken: randomUUID(),
    };
    const error: FunctionError = await this.#process.invoke({ requestId, event, functionArn, timeoutMs }).then(
      () => Promise.reject(new Error(`${Step} did not fail`)),
      (thrown) => thrown,
    );
    const elapsedMs = performance.now() - start;
    const { errorType, message, trace } = error;
    return { errorType, message, trace, elapsedMs, log: this.#lines.filter((line) => line.includes(requestId)) };
  }

  async stop(): Promise<void> {
    await this.#process.close();
    for (const line of this.#lines) recordOutput(line);
  }
}
