import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { downloadDebian } from '@keyturn/engine-conformance';

const run = promisify(execFile);

/** What it takes to run a Redis server. */
export interface Binaries {
  /** The folder that everything else is in, where it was downloaded; undefined for an installed server. */
  readonly root: string | undefined;
  readonly server: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
}

const debian = {
  folder: 'redis',
  name: 'the Redis server',
  size: '2 MB',
  // The first has a link to a program of the second.
  packages: ['redis-server', 'redis-tools'],
  program: 'usr/bin/redis-server',
  unneeded: ['etc', 'lib/systemd', 'usr/lib/systemd', 'usr/share', 'var'],
  otherwise: 'install Redis 7 with TLS, so that redis-server is on PATH',
  layoutVersion: 1,
};

let found: Promise<Binaries> | undefined;

/**
 * The installed server where `redis-server` is on PATH and new enough; else Debian's, downloaded once.
 * @throws Error that says how to get a server
 */
export function binaries(): Promise<Binaries> {
  found ??= find();
  return found;
}

async function find(): Promise<Binaries> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const server = join(folder, 'redis-server');
    if (existsSync(server) && (await isSuitable(server))) return { root: undefined, server, libraries: '' };
  }
  const { root, libraries } = await downloadDebian(debian);
  return { root, server: join(root, debian.program), libraries };
}

/** Version 7 or later, and built with TLS: one that is not takes its option for a fault. */
async function isSuitable(server: string): Promise<boolean> {
  const { stdout } = await run(server, ['--version']);
  if (Number(/v=(\d+)/.exec(stdout)?.[1] ?? 0) < 7) return false;
  const refusal = await run(server, ['--tls-port', 'none']).catch((error: { stderr?: string }) => error.stderr ?? '');
  return typeof refusal === 'string' && !/Bad directive/.test(refusal);
}
