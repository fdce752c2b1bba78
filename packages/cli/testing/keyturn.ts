import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../bin/keyturn.mjs', import.meta.url));

/** How the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own. It ends with the test. */
export class Keyturn {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...environment };
    this.child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
    const hear = (stream: 'stdout' | 'stderr') => (text: string) => {
      this[stream] += text;
      for (const check of this.#waiting) check();
    };
    this.child.stdout?.setEncoding('utf8').on('data', hear('stdout'));
    this.child.stderr?.setEncoding('utf8').on('data', hear('stderr'));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
        for (const check of this.#waiting) check();
      });
    });
    onTestFinished(async () => {
      this.child.kill('SIGKILL');
      await this.ended;
    });
  }

  /** Resolves with the match once standard output matches. @throws Error where the command ends before */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = pattern.exec(this.stdout);
        if (found === null && this.child.exitCode === null) return;
        this.#waiting.delete(check);
        if (found !== null) resolve(found);
        else reject(new Error(`keyturn ended with ${this.child.exitCode}:\n${this.stdout}\n${this.stderr}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The address, once it is up. */
  async url(): Promise<string> {
    return (await this.said(/http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost):\d+/))[0];
  }

  /** The lines of `--json` so far, of one kind. */
  lines(kind: string): Record<string, unknown>[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1).trimEnd();
    return whole
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((line) => line.kind === kind);
  }

  /** A client of the real SDK. */
  async client(): Promise<SecretsManagerClient> {
    const credentials = { accessKeyId: 'TESTER', secretAccessKey: 'local' };
    const client = new SecretsManagerClient({ region: 'us-east-1', endpoint: await this.url(), credentials });
    onTestFinished(() => client.destroy());
    return client;
  }
}

/** Runs the command to its end. */
export function keyturn(...args: readonly string[]): Promise<Ended> {
  return new Keyturn(args).ended;
}

/** A folder that goes at the end of the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'keyturn-cli-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A bundle on disk. */
export function bundleFile(source: string, name = 'index.mjs'): string {
  const file = join(folder(), name);
  writeFileSync(file, source);
  return file;
}

const sdk = pathToFileURL(createRequire(import.meta.url).resolve('@aws-sdk/client-secrets-manager')).href;

/** A bundle that rotates a secret as a function should, and tells of a login as Keyturn's own functions do. */
export const rotatingBundle: string = `
import { DescribeSecretCommand, PutSecretValueCommand, SecretsManagerClient, UpdateSecretVersionStageCommand } from '${sdk}';
const client = new SecretsManagerClient({ endpoint: process.env.SECRETS_MANAGER_ENDPOINT });
const tell = (event, fields) => console.log(JSON.stringify({ service: 'keyturn', secretId: event.SecretId,
  versionId: event.ClientRequestToken, step: event.Step, ...fields }));
export const handler = async (event) => {
  const { SecretId, ClientRequestToken, Step } = event;
  if (process.env.GREETING && Step === 'createSecret') console.log('greeting: ' + process.env.GREETING);
  if (Step === 'createSecret') await client.send(new PutSecretValueCommand({
    SecretId, ClientRequestToken, SecretString: '{"password":"second-password"}', VersionStages: ['AWSPENDING'] }));
  if (Step === process.env.FAILS) {
    tell(event, { message: 'step-failed', code: 'login-failed', reason: 'it was refused', remedy: 'Look at it.' });
    throw new Error('[login-failed] ' + Step + ': it was refused. Look at it.');
  }
  if (Step === 'testSecret') tell(event, { message: 'logged-in', user: 'app', endpoint: 'db:5432', with: 'AWSPENDING' });
  if (Step !== 'finishSecret') return;
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
  const [current] = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSCURRENT'));
  await client.send(new UpdateSecretVersionStageCommand({
    SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId: current }));
};
export const otherName = handler;
`;
