import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandFailed } from '../errors.ts';

/** An engine's package at hand. */
export interface EnginePackage {
  /** What `--from` takes: `postgres`. */
  readonly name: string;
  /** `@keyturn/engine-postgres` */
  readonly packageName: string;
  readonly folder: string;
}

/** What a project needs to know of an engine. */
export interface EngineFacts {
  readonly packageName: string;
  /** `^0.1.0` */
  readonly versionRange: string;
  /** The exported function that makes the engine. */
  readonly factory: string;
  /** The value of the secret's key `engine`. */
  readonly engineValue: string;
  readonly defaultPort: number;
  /** The strategies that the engine can be rotated by, the first by default. */
  readonly strategies: readonly [string, ...string[]];
}

/**
 * The packages called `@keyturn/engine-*` that are installed where the command is called or where it lies. There is no
 * list to keep: an engine that somebody else has made is found too.
 */
export async function enginesAtHand(
  from: readonly string[] = [process.cwd(), import.meta.dirname],
): Promise<EnginePackage[]> {
  const found = new Map<string, EnginePackage>();
  for (const folder of from.flatMap(withParents)) {
    const scope = join(folder, 'node_modules', '@keyturn');
    if (!existsSync(scope)) continue;
    for (const directory of await readdir(scope)) {
      const [, name = ''] = /^engine-(.+)$/.exec(directory) ?? [];
      // The suite that tests engines has such a name too, and is none.
      if (name === '' || name === 'conformance' || found.has(name)) continue;
      found.set(name, { name, packageName: `@keyturn/${directory}`, folder: join(scope, directory) });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Loads an engine's package to learn what it offers. @throws CommandFailed if it cannot be loaded, or is no engine */
export async function readEngine({ packageName, folder, name }: EnginePackage): Promise<EngineFacts> {
  const { version, exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const entries = [exports?.['.']?.['keyturn-source'], exports?.['.']?.default].filter((file) => file !== undefined);
  const entry = entries.map((file) => resolve(folder, file)).find((file) => existsSync(file));
  if (entry === undefined) throw new CommandFailed(`${packageName} in ${folder} holds no code. Install it again.`);
  const module: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(entry).href);
  const names = Object.keys(module).sort((a, b) => Number(b === name) - Number(a === name));
  for (const factory of names) {
    const engine = made(module[factory]);
    if (engine !== undefined) {
      const { secret } = engine;
      const [engineValue = name] = secret.engines;
      return {
        packageName,
        versionRange: `^${version}`,
        factory,
        engineValue,
        defaultPort: secret.defaultPort,
        strategies: strategiesOf(engine),
      };
    }
  }
  throw new CommandFailed(`${packageName} exports no function that makes an engine without options.`);
}

interface MadeEngine {
  readonly secret: { readonly engines: readonly string[]; readonly defaultPort: number };
  readonly admin?: { readonly twins?: object };
  readonly overlap?: object;
}

function made(factory: unknown): MadeEngine | undefined {
  // A class is a function too, and cannot be called.
  if (typeof factory !== 'function' || /^class\b/.test(String(factory))) return undefined;
  let engine: Partial<MadeEngine> | undefined;
  try {
    engine = factory();
  } catch {
    // What needs arguments is no factory that a project could call without them.
    return undefined;
  }
  return Array.isArray(engine?.secret?.engines) ? (engine as MadeEngine) : undefined;
}

function strategiesOf({ admin, overlap }: MadeEngine): [string, ...string[]] {
  return [
    'single-user',
    ...(admin?.twins === undefined ? [] : ['alternating-users']),
    ...(overlap === undefined ? [] : ['multi-credential']),
  ];
}

function withParents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
