import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs, promisify } from 'node:util';
import { templateNames } from '../../scripts/templates.ts';
import { serviceOf } from '../template-service.ts';
import { beyondLimits } from './limits.ts';
import { median } from './median.ts';
import { type BenchRow, measure } from './row.ts';
import { synthTime } from './synth.ts';

const usage = `Measures every template's built bundle: calls, logins, times, memory, size; and how long a CDK app takes to synthesize.

  npm run bench                     a table
  npm run bench -- --json FILE      the same as JSON, too
  npm run bench -- --runs 5         fewer runs than 20
  npm run bench -- TEMPLATE ...     these templates only
  npm run bench -- --check          exit code 1 if a time is beyond its limit

Times are medians. Machines differ and are noisy: compare ratios, not milliseconds.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    json: { type: 'string' },
    runs: { type: 'string', default: '20' },
    check: { type: 'boolean' },
  },
});
const runs = Number(values.runs);
const templates = await templateNames();
const unknown = positionals.filter((name) => !templates.includes(name));
if (values.help) {
  process.stdout.write(usage);
} else if (!Number.isInteger(runs) || runs < 1 || unknown.length > 0) {
  process.stderr.write(
    unknown.length > 0 ? `No such template: ${unknown.join(', ')}\n` : '--runs takes a whole number\n',
  );
  process.exitCode = 2;
} else {
  const rows: BenchRow[] = [];
  for (const template of positionals.length > 0 ? positionals : templates) {
    // A template for a service of one's own has no service to measure it with.
    if ('custom' in (await serviceOf(template))) continue;
    rows.push(await measure(template, runs, (what) => process.stderr.write(`${template}: ${what} …\n`)));
  }
  if (rows.length > 0) process.stdout.write(`${table(rows)}\nNode alone starts in ${await startOfNode()} ms.\n`);
  const beyond = rows.flatMap(beyondLimits);
  if (beyond.length > 0) process.stdout.write(`\nBeyond the limits:\n${beyond.map((line) => `  ${line}\n`).join('')}`);
  if (values.check && beyond.length > 0) process.exitCode = 1;
  const synth = positionals.length > 0 ? undefined : await synthTime(5);
  if (synth !== undefined) {
    const { stacks, resources, ms, cpuMs } = synth;
    process.stdout.write(
      `\ncdk synth, ${stacks} stacks, ${resources} resources: ${ms} ms, ${cpuMs} ms of the processor\n`,
    );
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ rows, synth }, undefined, 2)}\n`);
}

/** What of every cold start is the machine's. */
async function startOfNode(): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const start = performance.now();
    await promisify(execFile)(process.execPath, ['-e', '0']);
    times.push(performance.now() - start);
  }
  return median(times);
}

function table(rows: readonly BenchRow[]): string {
  const columns: [title: string, cell: (row: BenchRow) => string | number][] = [
    ['engine', ({ engine }) => engine],
    ['strategy', ({ strategy }) => strategy],
    ['calls', ({ calls }) => calls],
    ['round trips', ({ roundTrips }) => roundTrips],
    ['logins', ({ logins }) => logins],
    ['failed', ({ failedLogins }) => failedLogins],
    ['warm ms', ({ warmMs }) => warmMs.base],
    ['+10/+5 ms', ({ warmMs }) => warmMs.latency],
    ['ready ms', ({ coldMs }) => coldMs.ready],
    ['createSecret ms', ({ coldMs }) => coldMs.createSecret],
    ['peak MB', ({ peakRssMb }) => peakRssMb ?? '–'],
    ['after all', ({ peakRssMbAfterAllRuns }) => peakRssMbAfterAllRuns ?? '–'],
    ['bundle kB', ({ bundleBytes }) => Math.round(bundleBytes / 1000)],
    ['zip kB', ({ zipBytes }) => Math.round(zipBytes / 1000)],
  ];
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => String(cell(row))))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return `${lines.map((line) => line.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')).join('\n')}\n`;
}
