import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  madeOnce,
  makeAuthority,
  makeServerFolder,
  ownedByServer,
  runAsServerUser,
  type ServerFolder,
  type ServerProcess,
  type ServiceOptions,
  startOnFreePort,
  startServerProcess,
} from '@keyturn/engine-conformance';
import type pg from 'pg';
import { accessRules } from './access-rules.ts';
import { type Binaries, binaries } from './binaries.ts';
import { RunningPostgres } from './running-postgres.ts';
import { randomPassword } from './stored-password.ts';

/** What tests of this engine ask for besides. */
export interface PostgresOptions extends ServiceOptions {
  /** Server settings, such as `max_connections`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** How a server comes back: `standby` takes no writes, `starting` takes no logins. */
export type ServerState = 'primary' | 'standby' | 'starting';

const superuser = 'keyturn_superuser';

const baseSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  shared_buffers: '8MB',
  max_connections: '40',
  password_encryption: 'scram-sha-256',
  log_statement: 'all',
  log_connections: 'on',
  log_line_prefix: '%m [%p] user=%u app=%a from=%r ',
};

/** Starts a PostgreSQL of this major version on a free port of 127.0.0.1, with empty data. */
export async function startPostgres(version: string, options: PostgresOptions = {}): Promise<RunningPostgres> {
  const folder = makeServerFolder(`postgres-${version}`);
  let server: ServerProcess | undefined;
  try {
    const authority = makeAuthority('Keyturn tests');
    const password = randomPassword();
    const launch = await prepareData(version, folder, password, {
      ...options,
      certificate: options.certificate ?? authority.sign(),
    });
    const started = await startOnFreePort((port) => launch(port, 'primary'));
    server = started.server;
    const running = new RunningPostgres({
      port: started.port,
      ca: authority.certificate,
      tls: ownTls(options, authority.certificate),
      superuser: { username: superuser, password },
      own: { server, relaunch: (state) => launch(started.port, state), removeData: () => folder.remove() },
    });
    await running.createRoles();
    return running;
  } catch (error) {
    await server?.stop();
    folder.remove();
    throw error;
  }
}

/** A certificate that a test brings along may be no good on purpose: its own logins take it as it is. */
function ownTls(options: PostgresOptions, ca: string): pg.ClientConfig['ssl'] {
  if (options.tls === false) return false;
  return options.certificate === undefined ? { ca } : { rejectUnauthorized: false };
}

/** Makes a server's data; returns what starts a server on it. */
async function prepareData(
  version: string,
  folder: ServerFolder,
  password: string,
  options: PostgresOptions,
): Promise<(port: number, state: ServerState) => Promise<ServerProcess>> {
  const installed = await binaries(version);
  const data = join(folder.path, 'data');
  const place = { cwd: folder.path, folder: folder.path };
  const postgres = join(installed.folder, 'bin/postgres');
  await runAsServerUser({ ...place, command: 'cp', args: ['-a', await newData(installed), data] });
  // A server alone, that nobody can log in to: what it reads is in no process list.
  const alone = ['--single', '-F', '-c', 'password_encryption=scram-sha-256', '-D', data, 'postgres'];
  const statement = folder.write('superuser.sql', `ALTER ROLE ${superuser} PASSWORD '${password}'`);
  await runAsServerUser({
    ...place,
    command: '/bin/sh',
    args: ['-c', 'exec "$@" < "$0"', statement, postgres, ...alone],
  });
  const { tls = true, certificate, settings } = options;
  folder.write('data/pg_hba.conf', accessRules(tls));
  const tlsSettings = {
    ssl: 'on',
    ssl_cert_file: folder.write('server.pem', certificate?.certificate ?? ''),
    ssl_key_file: folder.write('server.key', certificate?.key ?? ''),
  };
  return (port, state) => {
    if (state !== 'primary') folder.write('data/standby.signal', '');
    const all = {
      ...baseSettings,
      ...(tls ? tlsSettings : {}),
      ...settings,
      port,
      hot_standby: state === 'starting' ? 'off' : 'on',
    };
    return startServerProcess({
      ...place,
      command: postgres,
      args: ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      readyWhen: state === 'starting' ? /consistent recovery state reached/ : /database system is ready to accept/,
      // Fast shutdown: it ends the sessions, and waits for none.
      stopSignal: 'SIGINT',
    });
  };
}

/** Data as initdb makes it, which takes most of a second: once for each release, and then it is copied. It holds no password. */
async function newData({ folder, release }: Binaries): Promise<string> {
  const made = await madeOnce(`postgres-data-${release}`, async (draft) => {
    const data = join(draft, 'data');
    mkdirSync(data, { mode: 0o700 });
    ownedByServer(data);
    await runAsServerUser({
      cwd: draft,
      command: join(folder, 'bin/initdb'),
      // Nobody gets in by these rules: each server gets its own.
      args: ['-D', data, '-U', superuser, '-A', 'reject', '-E', 'UTF8', '--no-locale', '-N'],
    });
  });
  return join(made, 'data');
}
