import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { makeServerFolder, type ServerFolder } from './server-folder.ts';
import { freePort, runAsServerUser, serverIdentity, startOnFreePort, startServerProcess } from './server-process.ts';

const folders: ServerFolder[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

function shell(script: string) {
  const folder = makeServerFolder('test');
  folders.push(folder);
  return { command: '/bin/sh', args: ['-c', script], cwd: folder.path, readyWhen: /^ready/m };
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A process that has ended keeps its number until somebody asks for its outcome.
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('startServerProcess', () => {
  test('resolves when the log says that the server is ready, and stops it', async () => {
    const server = await startServerProcess(shell('echo starting; echo ready >&2; exec sleep 1000'));
    expect(server.log()).toContain('starting');
    expect(runs(server.pid)).toBe(true);
    await server.stop();
    expect(runs(server.pid)).toBe(false);
    await server.stop();
  });

  test('says with the log why a server did not start', async () => {
    await expect(startServerProcess(shell('echo no room; exit 3'))).rejects.toThrow(/ended \(3\)[\s\S]*no room/);
    await expect(startServerProcess({ ...shell(''), command: '/no/such/server' })).rejects.toThrow('ENOENT');
  });

  test('stops a server that does not get ready', async () => {
    const failed = startServerProcess({ ...shell('echo $$; exec sleep 1000'), startTimeoutMs: 50 });
    const error: Error = await failed.then(
      () => Promise.reject(),
      (thrown: Error) => thrown,
    );
    expect(error.message).toContain('not ready after 50 ms');
    expect(runs(Number(error.message.split('\n').at(1)))).toBe(false);
  });

  test('gives the server an environment without a home, and a user that is not root', async () => {
    const server = await startServerProcess(shell('env; id -u; echo ready; exec sleep 1000'));
    expect(server.log()).not.toMatch(/^HOME=/m);
    expect(server.log()).toMatch(serverIdentity().uid === undefined ? /^\d+$/m : /^65534$/m);
    await server.stop();
  });

  test('waits for later lines of the log', async () => {
    const server = await startServerProcess(shell('echo ready; read line; echo "late $line"; exec sleep 1000'));
    await server.untilLogged(/late/);
    await server.stop();
    await expect(server.untilLogged(/never/)).rejects.toThrow('ended');
  });
});

describe('a server whose starter is gone', () => {
  const module = fileURLToPath(new URL('./server-process.ts', import.meta.url));

  /** Another process that starts a server, prints its pid, and then does not stop it. */
  async function orphan(folder: string, end: string): Promise<{ starter: ChildProcess; pid: number }> {
    const script = `
      const { startServerProcess } = await import(${JSON.stringify(module)});
      const server = await startServerProcess({
        command: '/bin/sh', args: ['-c', 'echo ready; exec sleep 1000'], readyWhen: /ready/,
        cwd: ${JSON.stringify(folder)}, folder: ${JSON.stringify(folder)},
      });
      console.log(server.pid);
      ${end}`;
    const starter = spawn(process.execPath, ['-C', 'keyturn-source', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    starter.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until(() => output.includes('\n'));
    return { starter, pid: Number(output) };
  }

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('ends when its starter gets %s', async (signal) => {
    const folder = makeServerFolder('test');
    folders.push(folder);
    const { starter, pid } = await orphan(folder.path, 'setInterval(() => {}, 1000);');
    expect(runs(pid)).toBe(true);
    starter.kill(signal);
    await once(starter, 'exit');
    expect(starter.signalCode).toBe(signal);
    await until(() => !runs(pid) && !existsSync(folder.path));
  });

  test('ends when its starter ends by itself', async () => {
    const folder = makeServerFolder('test');
    folders.push(folder);
    const { pid } = await orphan(folder.path, 'process.exit(0);');
    await until(() => !runs(pid));
  });
});

describe('the rest', () => {
  test('runAsServerUser returns what a program wrote, and throws it when it fails', async () => {
    expect(await runAsServerUser(shell('echo out; echo err >&2'))).toMatch(/out|err/);
    await expect(runAsServerUser(shell('echo why; exit 2'))).rejects.toThrow(/ended with 2:\nwhy/);
  });

  test('a port that is taken meanwhile is not taken again', async () => {
    const tried: number[] = [];
    const { port, server } = await startOnFreePort((free) => {
      tried.push(free);
      return startServerProcess(
        shell(tried.length < 3 ? 'echo Address already in use; exit 1' : 'echo ready; exec sleep 1000'),
      );
    });
    expect(tried).toHaveLength(3);
    expect(port).toBe(tried[2]);
    await server.stop();
  });

  test('freePort gives a port that can be listened on', async () => {
    expect(await freePort()).toBeGreaterThan(0);
  });
});
