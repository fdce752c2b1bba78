import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { WrongUsage } from '../errors.ts';
import { type EngineFacts, enginesAtHand, readEngine } from '../init/find-engines.ts';
import { filesOf } from '../init/project.ts';
import { writeFiles } from '../init/write-files.ts';

const generic = 'generic';

/** What a project may be called: a name of a Lambda function that is one of a package too. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** Writes a project with a rotation function, its test, its template and its README. */
export const command: Command = {
  summary: 'write a project with a rotation function of your own, its test and its template',
  usage: `
Usage: keyturn init NAME [OPTIONS]

Writes handler.ts, a test that runs whole rotations on a local Secrets Manager, a SAM template, and what is
needed to build them. Files that are there are never overwritten without --force.

  keyturn init rotate-reports
  keyturn init rotate-orders --from postgres --strategy alternating-users --dir functions/orders`,
  options: {
    name: { type: 'string', value: 'NAME', positional: true, help: 'what the function is called: a-z, 0-9 and -' },
    from: {
      type: 'string',
      value: 'ENGINE',
      help: 'generic for a service of your own, or an engine whose package is\ninstalled, such as postgres. Default: generic',
    },
    strategy: {
      type: 'string',
      value: 'STRATEGY',
      help: "single-user, alternating-users or multi-credential, as the engine\noffers them. Default: the engine's first",
    },
    dir: { type: 'string', value: 'DIR', help: 'where to write. Default: a new folder of that name here' },
    force: { type: 'boolean', help: 'overwrite files that are there' },
    json: { type: 'boolean', help: 'say what was written as one JSON object' },
  },
  async run(input) {
    const name = readName(input.value('name'));
    const engine = await readFrom(input.value('from') ?? generic);
    const strategy = readStrategy(input.value('strategy'), engine);
    const folder = resolve(input.value('dir') ?? name);
    const files = await filesOf({ name, engine, strategy, versionRange: await versionRange() });
    await writeFiles(folder, files, { overwrite: input.has('force') });
    const written = { name, from: input.value('from') ?? generic, strategy, dir: folder, files: [...files.keys()] };
    process.stdout.write(input.has('json') ? `${JSON.stringify(written)}\n` : told(written));
  },
};

function readName(name: string | undefined): string {
  if (name === undefined) throw new WrongUsage('Say what the function is called: keyturn init NAME.');
  if (!NAME.test(name)) {
    throw new WrongUsage(`--name ${name}: begin with a letter, and take a-z, 0-9 and - only, at most 64.`);
  }
  return name;
}

async function readFrom(from: string): Promise<EngineFacts | undefined> {
  if (from === generic) return undefined;
  const engines = await enginesAtHand();
  const engine = engines.find(({ name }) => name === from);
  if (engine !== undefined) return readEngine(engine);
  const names = [generic, ...engines.map(({ name }) => name)].join(', ');
  throw new WrongUsage(`--from ${from}: there is ${names}. For another engine, install its package @keyturn/engine-….`);
}

function readStrategy(strategy: string | undefined, engine: EngineFacts | undefined): string {
  if (engine === undefined) {
    if (strategy === undefined) return 'custom';
    throw new WrongUsage(`--strategy ${strategy}: a service of your own has no strategy; leave it out, or say --from.`);
  }
  if (strategy === undefined) return engine.strategies[0];
  if (engine.strategies.includes(strategy)) return strategy;
  throw new WrongUsage(`--strategy ${strategy}: ${engine.packageName} offers ${engine.strategies.join(', ')}.`);
}

/** Keyturn's packages have one version. */
async function versionRange(): Promise<string> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return `^${JSON.parse(manifest).version}`;
}

function told({ dir, files }: { readonly dir: string; readonly files: readonly string[] }): string {
  const shown = relative(process.cwd(), dir) || '.';
  return `Written to ${shown}: ${files.join(', ')}

  cd ${shown}
  npm install
  npm test

README.md says how to go on.
`;
}
