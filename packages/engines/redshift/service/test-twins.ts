import { type CloneReport, Password, type TwinAdmin, type TwinPair, withConnection } from '@keyturn/core';
import { type RedshiftConnection, type RedshiftOptions, redshift } from '../src/index.ts';
import type { RunningRedshift } from './running-redshift.ts';
import { limits, loginTo } from './test-login.ts';

/** A base and its twin; nobody else knows the next user. */
export function pairOf(base: string, more: Partial<TwinPair> = {}): TwinPair {
  const twin = `${base}_clone`;
  const current = more.current ?? base;
  return {
    base,
    twin,
    current,
    next: current === base ? twin : base,
    password: new Password('not used here'),
    isKnown: async () => false,
    ...more,
  };
}

/** The engine's twins, on a login of the administrator or of somebody else. */
export function asMaster<T>(
  server: RunningRedshift,
  use: (twins: TwinAdmin<RedshiftConnection>, connection: RedshiftConnection) => Promise<T>,
  options: RedshiftOptions = {},
  master: { readonly username: string; readonly password: string } = server.administrator,
): Promise<T> {
  const engine = redshift(options);
  const twins = engine.admin?.twins;
  if (twins === undefined) throw new Error('the engine has no twins');
  const login = loginTo(server, master.username, master.password);
  return withConnection(engine, login, limits(), (connection) => use(twins, connection));
}

/** Clones once. */
export function clone(server: RunningRedshift, pair: TwinPair, options: RedshiftOptions = {}): Promise<CloneReport> {
  return asMaster(server, (twins, connection) => twins.cloneUser(connection, pair), options);
}

/** Compares once. */
export function compare(
  server: RunningRedshift,
  pair: TwinPair,
  options: RedshiftOptions = {},
): Promise<readonly string[]> {
  return asMaster(server, (twins, connection) => twins.comparePrivileges(connection, pair), options);
}
