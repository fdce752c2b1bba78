import pg from 'pg';
import { redshift } from '../src/index.ts';
import type { RunningRedshift } from './running-redshift.ts';
import { limits, loginTo } from './test-login.ts';

/** Whether a password logs in: through the bare driver, or, for a digest that it does not speak, through this engine. */
export async function passwordWorks(
  server: RunningRedshift,
  user: string,
  password: string,
  isSha256: boolean,
): Promise<boolean> {
  return isSha256 ? throughEngine(server, user, password) : throughDriver(server, user, password);
}

async function throughDriver(server: RunningRedshift, user: string, password: string): Promise<boolean> {
  const client = openClientOptions(server, user, password);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '28000') return false;
    throw error;
  } finally {
    await client.end();
  }
}

async function throughEngine(server: RunningRedshift, user: string, password: string): Promise<boolean> {
  const engine = redshift();
  try {
    await engine.close(await engine.connect(loginTo(server, user, password), limits()));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'login-failed') return false;
    throw error;
  }
}

/** A client of the bare driver, not connected yet. */
export function openClientOptions(
  server: RunningRedshift,
  user: string,
  password: string,
  database = 'dev',
): pg.Client {
  const ssl = server.tls === undefined ? false : { ca: server.ca };
  return new pg.Client({ host: server.host, port: server.port, user, password, database, ssl });
}

/** One login of a user that runs these statements one after another. @throws what the driver throws */
export async function runAs(
  server: RunningRedshift,
  user: string,
  password: string,
  ...statements: readonly string[]
): Promise<pg.QueryResult[]> {
  const client = openClientOptions(server, user, password);
  const results: pg.QueryResult[] = [];
  try {
    await client.connect();
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}
