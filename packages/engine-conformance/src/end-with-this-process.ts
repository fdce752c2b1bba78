import { type ChildProcess, spawn } from 'node:child_process';

const children = new Map<ChildProcess, () => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes a child process end when this process ends: by its own end, by a signal, and, through a
 * watchdog that reads a pipe from this process, by SIGKILL too. The watchdog then also deletes `folder`.
 * @returns ends the watch; to be called when the child has ended
 */
export function endWithThisProcess(child: ChildProcess, folder: string | undefined): () => void {
  const endWatchdog = startWatchdog(child, folder);
  if (children.size === 0) {
    process.on('exit', killAll);
    for (const signal of signals) process.on(signal, killAllAndEnd);
  }
  children.set(child, endWatchdog);
  return () => {
    endWatchdog();
    children.delete(child);
    if (children.size > 0) return;
    process.off('exit', killAll);
    for (const signal of signals) process.off(signal, killAllAndEnd);
  };
}

function killAll(): void {
  for (const child of children.keys()) child.kill('SIGKILL');
}

function killAllAndEnd(signal: NodeJS.Signals): void {
  killAll();
  for (const name of signals) process.off(name, killAllAndEnd);
  // With another listener the signal has an owner that decides how this process ends.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function startWatchdog(child: ChildProcess, folder: string | undefined): () => void {
  if (process.platform === 'win32') return () => {};
  // `read` returns when the pipe closes, and it closes only when this process is gone.
  const script = 'read -r _; kill -9 "$1"; if [ -n "$2" ]; then rm -rf -- "$2"; fi';
  const watchdog = spawn('/bin/sh', ['-c', script, 'watchdog', String(child.pid), folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own: an interrupt from the keyboard reaches the whole group of this process.
    detached: true,
  });
  watchdog.on('error', () => {
    // Without /bin/sh only SIGKILL of this process leaves the child behind.
  });
  watchdog.stdin?.on('error', () => {
    // The watchdog has ended before us; then there is nothing to tell it.
  });
  watchdog.unref();
  const pipe = watchdog.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null;
  pipe?.unref?.();
  return () => {
    watchdog.kill('SIGKILL');
  };
}
