import { parseArgs } from 'node:util';
import { dockerTrouble, withContainer } from './test-engines/containers.ts';
import { type EngineFolder, engineFolders } from './test-engines/engine-folders.ts';
import { runSuite, type SuiteRun } from './test-engines/run-suite.ts';

const usage = `Runs the conformance suite of every engine.

  npm run test:engines                       on the servers that the tests start themselves
  npm run test:engines -- --engine NAME      of these engines only; may be repeated
  npm run test:engines -- --docker           on the vendors' own servers, each in a container; needs a Docker engine,
                                             and pulls the images
  npm run test:engines -- --json             what was run and how it ended, as JSON

KEYTURN_TEST_<ENGINE>_URL runs an engine's suite on a server of yours, such as
  KEYTURN_TEST_POSTGRES_URL='postgres://master:password@db.example.com:5432?ca=/path/to/ca.pem'

Exit codes: 0 every engine passed; 1 one did not; 2 called in a wrong way, or no Docker engine answers.
`;

const wrong = (message: string, help = true): void => {
  process.stderr.write(help ? `${message}\n\n${usage}` : `${message}\n`);
  process.exitCode = 2;
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      docker: { type: 'boolean' },
      engine: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const all = await engineFolders();
  const unknown = values.engine.filter((name) => !all.some((each) => each.name === name));
  if (unknown.length > 0) {
    return wrong(`No such engine: ${unknown.join(', ')}. There are: ${all.map(({ name }) => name).join(', ')}.`, false);
  }
  const chosen = all.filter(({ name }) => values.engine.length === 0 || values.engine.includes(name));
  const trouble = values.docker ? await dockerTrouble() : undefined;
  if (trouble !== undefined) return wrong(trouble, false);
  const runs: SuiteRun[] = [];
  for (const engine of chosen) runs.push(values.docker ? await inContainer(engine) : await runSuite(engine, undefined));
  if (values.json) process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
  else for (const run of runs) process.stdout.write(`${lineOf(run)}\n`);
  if (runs.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

function inContainer(engine: EngineFolder): Promise<SuiteRun> {
  const { docker, fromUrl } = engine.service;
  if (docker === undefined || fromUrl === undefined) {
    const reason = docker === undefined ? 'its service names no image' : 'its service has no fromUrl';
    return Promise.resolve({ engine: engine.name, server: 'none', outcome: 'skipped', reason });
  }
  return withContainer(docker, (url) => runSuite(engine, { url, server: docker.image }));
}

function lineOf({ engine, server, outcome, reason }: SuiteRun): string {
  return `${engine} (${server}): ${outcome}${reason === undefined ? '' : `, ${reason}`}`;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error)) throw error;
  wrong((error as Error).message);
}
