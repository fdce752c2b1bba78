import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatabaseService, makeAuthority, roundTrips, startWireTap } from '@keyturn/engine-conformance';
import { packFunction } from '../../scripts/pack/pack-function.ts';
import { templatesFolder } from '../../scripts/templates.ts';
import { TemplateBench } from '../template-bench.ts';
import { type IssuingService, type ServiceOfTemplate, serviceOf } from '../template-service.ts';
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

/** A template's service while it is measured. */
interface Measured {
  /** Starts a bench; with latency, whatever the function asks takes longer. */
  bench(withLatency: boolean): Promise<TemplateBench>;
  /** A bench whose logins are counted, and their count. */
  counting(): Promise<{
    readonly bench: TemplateBench;
    readonly logins: () => { readonly all: number; readonly refused: number };
    close(): Promise<void>;
  }>;
  stop(): Promise<void>;
}

/** Measures one template. */
export async function measure(template: string, runs: number, say: (what: string) => void): Promise<BenchRow> {
  const service = await serviceOf(template);
  if ('custom' in service) throw new Error(`${template} has no service to measure it with`);
  const measured = 'database' in service ? await ofDatabase(template, service.database) : ofIssuer(template, service);
  try {
    say('counting');
    const counts = await count(measured);
    say('warm');
    const base = await warm(await measured.bench(false), runs, 0);
    say('warm, with latency');
    const slow = await warm(await measured.bench(true), runs, latency.callMs);
    say('cold');
    const coldMsByNode = await cold(template, await measured.bench(false), runs);
    const { bundleBytes, zipBytes } = await packFunction(template);
    return {
      ...counts,
      template,
      warmMs: { base: base.ms, latency: slow.ms },
      coldMs: worst(Object.values(coldMsByNode)),
      coldMsByNode,
      peakRssMb: base.peakMb,
      peakRssMbAfterAllRuns: base.peakMbAtTheEnd,
      bundleBytes,
      zipBytes,
    };
  } finally {
    await measured.stop();
  }
}

async function ofDatabase(template: string, service: DatabaseService): Promise<Measured> {
  await service.prepare();
  const running = await service.start();
  return {
    bench: (withLatency) =>
      TemplateBench.make(template, running, withLatency ? { environment: slowConnections(running.port) } : {}),
    async counting() {
      const authority = makeAuthority('Bench');
      const { host, port, ca } = running;
      const tap = await (service.startTap ?? startWireTap)({
        protocol: service.protocol,
        upstream: { host, port, ca },
        certificate: authority.sign(),
      });
      return {
        bench: await TemplateBench.make(template, running, { port: tap.port, ca: authority.certificate }),
        logins: () => ({
          all: tap.logins.length,
          refused: tap.logins.filter(({ outcome }) => outcome === 'refused').length,
        }),
        close: () => tap.close(),
      };
    },
    stop: () => running.stop(),
  };
}

/** A login, where a service issues credentials, is a use of one: STS tells whose it is. */
function ofIssuer(template: string, { start }: Extract<ServiceOfTemplate, { start: unknown }>): Measured {
  const started: IssuingService[] = [];
  const issuing = async (callMs: number): Promise<IssuingService> => {
    const service = await start({ callMs });
    started.push(service);
    return service;
  };
  return {
    bench: async (withLatency) => TemplateBench.makeWith(template, await issuing(withLatency ? latency.callMs : 0)),
    async counting() {
      const service = await issuing(0);
      const proofs = () => service.calls.filter((call) => call.startsWith('GetCallerIdentity'));
      return {
        bench: await TemplateBench.makeWith(template, service),
        logins: () => ({ all: proofs().length, refused: proofs().filter((call) => call.includes(' ')).length }),
        close: async () => {},
      };
    },
    async stop() {
      for (const service of started) await service.stop();
    },
  };
}

function slowConnections(port: number): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'slow-connect.mjs')}`,
    BENCH_SLOW_CONNECT: `${port}:${latency.connectMs}`,
  };
}

/** One rotation whose logins are counted; slow enough to tell parallel calls. */
async function count(measured: Measured) {
  const { bench, logins, close } = await measured.counting();
  try {
    bench.manager.setOnCall(({ moment }) => (moment === 'before' ? { action: 'delay', ms: 20 } : undefined));
    await rotateWell(bench);
    const calls = bench.manager.timeline.of('call').filter(({ caller }) => caller === bench.caller);
    const callsByName: Record<string, number> = {};
    for (const { operation } of calls) callsByName[operation] = (callsByName[operation] ?? 0) + 1;
    const { all, refused } = logins();
    return {
      ...namesIn(bench.output),
      calls: calls.length,
      callsByName,
      roundTrips: roundTrips(calls),
      logins: all,
      failedLogins: refused,
    };
  } finally {
    await bench.close();
    await close();
  }
}

async function warm(bench: TemplateBench, runs: number, callMs: number) {
  try {
    bench.manager.setOnCall(async ({ moment, caller }) => {
      if (callMs > 0 && moment === 'before' && caller === bench.caller) await exactPause(callMs);
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

async function cold(template: string, bench: TemplateBench, runs: number): Promise<Record<string, ColdStart>> {
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
