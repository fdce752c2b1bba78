import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const server = fileURLToPath(new URL('./load-server.ts', import.meta.url));
const CONNECTIONS = 32;

/** What a load has measured. */
export interface Measured {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  /** Milliseconds from request to answer. */
  readonly median: number;
  readonly p99: number;
}

/** A service in a process of its own that holds so many secrets. It ends with the test. @returns its port */
export async function loadedService(secrets: number, dataFolder?: string): Promise<number> {
  const args = ['-C', 'keyturn-source', server, String(secrets), ...(dataFolder === undefined ? [] : [dataFolder])];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    void ended.then(() => reject(new Error('The loaded service has ended.')));
  });
}

/**
 * Sends a mix of calls over 32 connections for a time: of 100, 70 read a value, 9 describe, 15 store a value, 5 move
 * a label, and 1 lists a page.
 */
export async function load(port: number, secrets: number, seconds: number): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const times: number[] = [];
  let failures = 0;
  let sent = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      const status = await send(agent, port, callNumber(sent++, secrets));
      if (status !== 200) failures += 1;
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const took = (performance.now() - start) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? 0;
  return { requests: times.length, failures, perSecond: times.length / took, median: at(0.5), p99: at(0.99) };
}

/** A line for people. */
export function told(what: string, { requests, perSecond, median, p99 }: Measured): string {
  const times = `median ${median.toFixed(1)} ms, 99% under ${p99.toFixed(1)} ms`;
  return `${what}: ${Math.round(perSecond)} requests a second (${requests} requests, ${times})`;
}

interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

function callNumber(number: number, secrets: number): Call {
  // Spread over all secrets, and the same in every run.
  const index = (number * 7919) % secrets;
  const SecretId = `load/secret-${index}`;
  const kind = number % 100;
  const first = `first-version-of-${index}`.padEnd(40, '.');
  if (kind < 70) return { operation: 'GetSecretValue', input: { SecretId } };
  if (kind < 79) return { operation: 'DescribeSecret', input: { SecretId } };
  if (kind < 94) {
    const ClientRequestToken = `call-${number}`.padEnd(40, '.');
    return { operation: 'PutSecretValue', input: { SecretId, ClientRequestToken, SecretString: `value ${number}` } };
  }
  if (kind === 99) return { operation: 'ListSecrets', input: { MaxResults: 100 } };
  const move = { VersionStage: `LABEL-${number}`, MoveToVersionId: first };
  return { operation: 'UpdateSecretVersionStage', input: { SecretId, ...move } };
}

function send(agent: Agent, port: number, { operation, input }: Call): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-amz-target': `secretsmanager.${operation}`, 'content-type': 'application/x-amz-json-1.1' };
    const sent = request({ host: '127.0.0.1', port, method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(input));
  });
}
