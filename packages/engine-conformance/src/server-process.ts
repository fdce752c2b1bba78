import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { endWithThisProcess } from './end-with-this-process.ts';

/** A server that runs as a child process. */
export interface ServerProcess {
  readonly pid: number;
  /** Everything that it has written so far, to stdout and stderr. */
  log(): string;
  /** Resolves when the log matches, now or later; rejects if the process ends first. */
  untilLogged(pattern: RegExp): Promise<void>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Asks the process to end, kills it when it has not after ten seconds, and waits for its end. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What the log says when the server takes connections. */
  readonly readyWhen: RegExp;
  /** Asks the server to end. @default - SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
  /** Added to an environment that otherwise holds only PATH, LC_ALL and TZ. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deleted by the watchdog if this process is killed before it can stop the server. */
  readonly folder?: string;
  /** @default - 60000 */
  readonly startTimeoutMs?: number;
}

/** Database servers refuse to run as root: then they run as `nobody`. */
export function serverIdentity(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
}

/**
 * Starts a server and resolves when it takes connections. It ends with this process, however that ends.
 * @throws Error with the server's log if it ends, or takes too long, before it is ready; it is stopped then
 */
export async function startServerProcess(options: StartOptions): Promise<ServerProcess> {
  const server = spawnServer(options);
  const timeoutMs = options.startTimeoutMs ?? 60_000;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([server.untilLogged(options.readyWhen), tooLong]);
  } catch (error) {
    await server.stop();
    throw new Error(`${options.command} did not start: ${(error as Error).message}\n${server.log()}`);
  } finally {
    clearTimeout(timer);
  }
  return server;
}

/**
 * Runs a program to its end, as the user that servers run as.
 * @returns what it wrote, to stdout and stderr
 * @throws Error with what it wrote if it does not end with 0
 */
export async function runAsServerUser(options: Omit<StartOptions, 'readyWhen' | 'stopSignal'>): Promise<string> {
  const child = spawnChild(options);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${options.command} ended with ${code}:\n${output}`);
  return output;
}

/**
 * Starts a server on a free port of 127.0.0.1. Between the choice of a port and the server's own bind
 * another process may take it: then with another one.
 */
export async function startOnFreePort(
  start: (port: number) => Promise<ServerProcess>,
): Promise<{ readonly port: number; readonly server: ServerProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, server: await start(port) };
    } catch (error) {
      if (attempt === 5 || !/address already in use/i.test((error as Error).message)) throw error;
    }
  }
}

/** A port on 127.0.0.1 that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

function spawnChild(options: Omit<StartOptions, 'readyWhen'>): ChildProcess {
  return spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...serverIdentity(),
  });
}

function spawnServer(options: StartOptions): ServerProcess {
  const child = spawnChild(options);
  let log = '';
  let failure: Error | undefined;
  const watchers = new Set<() => void>();
  const take = (chunk: Buffer) => {
    log += chunk.toString();
    for (const watch of watchers) watch();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const release = child.pid === undefined ? () => {} : endWithThisProcess(child, options.folder);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      release();
      for (const watch of watchers) watch();
      resolve();
    };
    child.once('error', (error) => {
      failure = error;
      if (child.pid === undefined) end();
    });
    child.once('close', end);
  });
  const untilLogged = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (pattern.test(log)) resolve();
        else if (over) reject(failure ?? new Error(`the process ended (${child.exitCode ?? child.signalCode})`));
        else return;
        watchers.delete(watch);
      };
      watchers.add(watch);
      watch();
    });
  const stop = async () => {
    if (!over) child.kill(options.stopSignal ?? 'SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(patience);
  };
  return { pid: child.pid ?? 0, log: () => log, untilLogged, ended, stop };
}
