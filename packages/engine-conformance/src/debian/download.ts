import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { debianPackages, missingLibraries } from './libraries.ts';

const run = promisify(execFile);

/** Programs that Debian has and npm does not. */
export interface DebianSoftware {
  /** The folder in the cache: `mariadb`. */
  readonly folder: string;
  /** How messages call it: `the MariaDB server`. */
  readonly name: string;
  /** How much is downloaded, for the message: `11 MB`. */
  readonly size: string;
  /** The packages to unpack; the libraries that the system lacks come on top. */
  readonly packages: readonly string[];
  /** The program that must run, in the unpacked tree: `usr/sbin/mariadbd`. */
  readonly program: string;
  /** Of the packages' files, what nobody needs here. */
  readonly unneeded?: readonly string[];
  /** What to do by hand where there is no apt. */
  readonly otherwise: string;
  /** A change of what is downloaded gets a new number. */
  readonly layoutVersion: number;
}

/** Where it was unpacked to. */
export interface DebianDownload {
  readonly root: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
}

/**
 * Debian's packages, unpacked into the workspace's cache: nothing is installed, and no rights are needed.
 * The first call downloads them, in some seconds.
 * @throws Error that says what to do where there is no apt
 */
export async function downloadDebian(software: DebianSoftware): Promise<DebianDownload> {
  const cache = join(workspace(), 'node_modules/.cache/keyturn', software.folder);
  const root = join(cache, `unpacked-${software.layoutVersion}`);
  if (!existsSync(root)) await download(software, cache, root);
  return { root, libraries: libraryPath(root) };
}

async function download(software: DebianSoftware, cache: string, root: string): Promise<void> {
  const { name, size, packages, unneeded = [], otherwise } = software;
  if (process.platform !== 'linux' || !(await runs('apt-get')) || !(await runs('dpkg'))) {
    throw new Error(
      `${name} is not here: ${otherwise}. (With apt it would be downloaded into node_modules/.cache; this system has none.)`,
    );
  }
  process.stderr.write(`Downloading ${name} for the tests (${size}, once) …\n`);
  mkdirSync(cache, { recursive: true, mode: 0o755 });
  // Several test processes may download at once: each in a folder of its own, and the first one wins.
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    const unpacked = join(draft, 'root');
    const fetch = packageSource(draft);
    await fetch(packages, unpacked);
    await fetchLibraries(fetch, unpacked, software);
    for (const path of unneeded) rmSync(join(unpacked, path), { recursive: true, force: true });
    renameSync(unpacked, root);
  } catch (error) {
    if (!existsSync(root)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

type Fetch = (names: readonly string[], target: string) => Promise<void>;

/** Downloads and unpacks packages; with package lists of its own where the system has none. */
function packageSource(draft: string): Fetch {
  const lists = join(draft, 'lists');
  const own = [
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${join(draft, 'cache')}`,
    'Debug::NoLocking=1',
    `APT::Sandbox::User=${userInfo().username}`,
  ].flatMap((option) => ['-o', option]);
  let options: readonly string[] = ['-o', `APT::Sandbox::User=${userInfo().username}`];

  return async (names, target) => {
    const folder = mkdtempSync(join(draft, 'deb-'));
    const get = () => run('apt-get', ['-qq', ...options, 'download', ...names], { cwd: folder });
    try {
      await get();
    } catch {
      // No package lists, or old ones.
      options = own;
      mkdirSync(join(lists, 'partial'), { recursive: true });
      mkdirSync(join(draft, 'cache/archives/partial'), { recursive: true });
      await run('apt-get', ['-qq', ...options, 'update']);
      await get();
    }
    for (const file of readdirSync(folder)) await run('dpkg', ['-x', join(folder, file), target]);
  };
}

async function fetchLibraries(fetch: Fetch, root: string, { name, program }: DebianSoftware): Promise<void> {
  const path = join(root, program);
  const tried = new Set<string>();
  for (;;) {
    const missing = await missingLibraries(path, libraryPath(root));
    if (missing.length === 0) return;
    const again = missing.find((library) => tried.has(library));
    if (again !== undefined) throw new Error(`${name} needs ${again}, which its Debian package does not bring`);
    for (const library of missing) tried.add(library);
    await fetch(await debianPackages(missing), root);
  }
}

function libraryPath(root: string): string {
  return ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .filter(existsSync)
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
    .filter((folder) => folder.endsWith('-linux-gnu') || folder.endsWith('-linux-gnueabihf'))
    .join(delimiter);
}

async function runs(command: string): Promise<boolean> {
  try {
    await run(command, ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** The folder whose node_modules this workspace's packages are linked into. */
function workspace(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules/@keyturn'))) return folder;
  }
  throw new Error('the packages of the workspace are not installed: run npm install');
}
