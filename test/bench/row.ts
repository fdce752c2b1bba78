import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAuthority, type RunningService, roundTrips, startWireTap } from '@keyturn/engine-conformance';
import { zipSync } from 'fflate';
import { templatesFolder } from '../../scripts/templates.ts';
import { serviceOf, TemplateBench } from '../template-bench.ts';
import { type ColdStart, coldStarts, nodes } from './cold.ts';
import { exactPause } from './exact-pause.mjs';
import { median } from './median.ts';

/** What a call to Secrets Manager and a connection to the database take in the run with latency, in milliseconds. */
const latency = { callMs: 10, connectMs: 5 };

/** One engine and strategy, measured. Times are medians in milliseconds. */
export interface BenchRow {
  readonly engine: string;
  readonly strategy: string;
  readonly template: string;
  readonly calls: number;
  readonly callsByName: Readonly<Record<string, number>>;
  readonly roundTrips: number;
  readonly logins: number;
  readonly failedLogins: number;
  /** A whole rotation in a warm process: with nothing added, and with latency added. */
  readonly warmMs: { readonly base: number; readonly latency: number };
  /** The slower of the two Nodes. */
  readonly coldMs: ColdStart;
  readonly coldMsByNode: Readonly<Record<string, ColdStart>>;
  /** Of the function's process after a cold and a warm rotation: few sandboxes live for more. Absent where the system does not tell. */
  readonly peakRssMb: number | undefined;
  /** The same process after all its warm runs. */
  readonly peakRssMbAfterAllRuns: number | undefined;
  readonly bundleBytes: number;
  readonly zipBytes: number;
}

/** Measures one template. */
export async function measure(template: string, runs: number, say: (what: string) => void): Promise<BenchRow> {
  const service = await serviceOf(template);
  await service.prepare();
  const running = await service.start();
  try {
    say('counting');
    const counts = await count(template, running);
    say('warm');
    const base = await warm(template, running, runs, { callMs: 0, connectMs: 0 });
    say('warm, with latency');
    const slow = await warm(template, running, runs, latency);
    say('cold');
    const coldMsByNode = await cold(template, running, runs);
    const file = join(templatesFolder, template, 'dist', 'index.mjs');
    const zip = zipSync({ 'index.mjs': [await readFile(file), { level: 9, mtime: '1980-01-01T00:00:00Z' }] });
    return {
      ...counts,
      template,
      warmMs: { base: base.ms, latency: slow.ms },
      coldMs: worst(Object.values(coldMsByNode)),
      coldMsByNode,
      peakRssMb: base.peakMb,
      peakRssMbAfterAllRuns: base.peakMbAtTheEnd,
      bundleBytes: (await stat(file)).size,
      zipBytes: zip.length,
    };
  } finally {
    await running.stop();
  }
}

/** One rotation through the wire tap, which counts the logins; slow enough to tell parallel calls. */
async function count(template: string, running: RunningService) {
  const service = await serviceOf(template);
  const authority = makeAuthority('Bench');
  const { host, port, ca } = running;
  const tap = await startWireTap({
    protocol: service.protocol,
    upstream: { host, port, ca },
    certificate: authority.sign(),
  });
  const bench = await TemplateBench.make(template, running, { port: tap.port, ca: authority.certificate });
  try {
    bench.manager.setOnCall(({ moment }) => (moment === 'before' ? { action: 'delay', ms: 20 } : undefined));
    await rotateWell(bench);
    const calls = bench.manager.timeline.of('call').filter(({ caller }) => caller === template);
    const callsByName: Record<string, number> = {};
    for (const { operation } of calls) callsByName[operation] = (callsByName[operation] ?? 0) + 1;
    return {
      ...namesIn(bench.output),
      calls: calls.length,
      callsByName,
      roundTrips: roundTrips(calls),
      logins: tap.logins.length,
      failedLogins: tap.logins.filter(({ outcome }) => outcome === 'refused').length,
    };
  } finally {
    await bench.close();
    await tap.close();
  }
}

async function warm(template: string, running: RunningService, runs: number, { callMs, connectMs }: typeof latency) {
  const environment = {
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'slow-connect.mjs')}`,
    BENCH_SLOW_CONNECT: `${running.port}:${connectMs}`,
  };
  const bench = await TemplateBench.make(template, running, connectMs > 0 ? { environment } : {});
  try {
    bench.manager.setOnCall(async ({ moment, caller }) => {
      if (callMs > 0 && moment === 'before' && caller === template) await exactPause(callMs);
    });
    await rotateWell(bench);
    await rotateWell(bench);
    const peakMb = await peakRssMb(bench.process.pid);
    const times: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      await rotateWell(bench);
      times.push(performance.now() - start);
    }
    return { ms: median(times), peakMb, peakMbAtTheEnd: await peakRssMb(bench.process.pid) };
  } finally {
    await bench.close();
  }
}

async function cold(template: string, running: RunningService, runs: number): Promise<Record<string, ColdStart>> {
  const bench = await TemplateBench.make(template, running);
  const byNode: Record<string, ColdStart> = {};
  try {
    for (const { version, path } of nodes()) {
      byNode[version] = await coldStarts({
        node: path,
        bundle: join(templatesFolder, template, 'dist', 'index.mjs'),
        environment: bench.environment,
        runs,
        nextEvent: async () => ({
          Step: 'createSecret',
          SecretId: bench.secretId,
          ClientRequestToken: await bench.begin(),
        }),
      });
    }
  } finally {
    await bench.close();
  }
  return byNode;
}

async function rotateWell(bench: TemplateBench): Promise<void> {
  const { outcome } = await bench.rotate();
  if (outcome !== 'succeeded') throw new Error(`The rotation ${outcome}:\n${bench.output.join('\n')}`);
}

/** Engine and strategy, as the function's own log lines name them. */
function namesIn(output: readonly string[]): { engine: string; strategy: string } {
  for (const line of output) {
    const [strategy, engine] = String(JSON.parse(line).strategy ?? '').split(' ');
    if (strategy !== undefined && engine !== undefined) return { engine, strategy };
  }
  throw new Error('no log line names the strategy');
}

async function peakRssMb(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 102.4) / 10;
}

function worst(starts: readonly ColdStart[]): ColdStart {
  return {
    ready: Math.max(...starts.map(({ ready }) => ready)),
    createSecret: Math.max(...starts.map(({ createSecret }) => createSecret)),
  };
}
