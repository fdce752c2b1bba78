import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packFunction } from '../../scripts/pack/pack-function.ts';
import { median } from './median.ts';

/** How long a CDK app of several stacks takes, in milliseconds from the start of its process. */
export interface SynthTime {
  readonly stacks: number;
  readonly resources: number;
  readonly ms: number;
  /** Of the processor: what other programs do at the time is not in it. */
  readonly cpuMs: number;
}

const cdk = join(import.meta.dirname, '..', '..', 'cdk');

/** Builds what the examples of the construct library need, and synthesizes all of them in one app, each time in a process of its own. */
export async function synthTime(runs: number): Promise<SynthTime> {
  const templates = ['RDSPostgreSQLRotationSingleUser', 'RDSMySQLRotationSingleUser', 'RDSMySQLRotationMultiUser'];
  for (const name of [...templates, 'DocumentDBRotationSingleUser']) await packFunction(`SecretsManager${name}`);
  const { bundle: entry } = await packFunction('SecretsManagerRotationTemplate');
  const times: SynthTime[] = [];
  for (let run = 0; run < runs; run += 1) {
    const args = ['-C', 'keyturn-source', join(cdk, 'testing', 'largest-app.ts'), entry];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: cdk });
    times.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  }
  const [first] = times;
  if (first === undefined) throw new Error('it never ran');
  return { ...first, ms: median(times.map(({ ms }) => ms)), cpuMs: median(times.map(({ cpuMs }) => cpuMs)) };
}
