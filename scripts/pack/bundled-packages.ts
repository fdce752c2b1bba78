import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A package of which something is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  readonly folder: string;
  /** Whether it is one of Keyturn's own. */
  readonly own: boolean;
  /** The texts of its licence and notice files, by name. */
  readonly notices: ReadonlyMap<string, string>;
  /** The names of the packages that it depends on. */
  readonly dependencies: readonly string[];
}

/** The packages that sources belong to, by name and version. @throws Error where a package tells no licence */
export async function bundledPackages(sources: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set<string>();
  for (const source of sources) {
    const folder = await packageFolder(source);
    if (folder !== undefined) folders.add(folder);
  }
  const packages = new Map<string, BundledPackage>();
  for (const folder of folders) {
    const found = await describe(folder);
    packages.set(`${found.name}@${found.version}`, found);
  }
  return [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

/** The folder of a source's package: under node_modules as npm has laid it, else the nearest one above with a name. */
async function packageFolder(source: string): Promise<string | undefined> {
  const [installed] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source.replaceAll('\\', '/')) ?? [];
  if (installed !== undefined) return installed;
  for (let folder = dirname(source); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, workspaces } = JSON.parse(await readFile(file, 'utf8'));
    // What lies in no package but at the root is the build's own.
    return name === undefined || workspaces !== undefined ? undefined : folder;
  }
  return undefined;
}

async function describe(folder: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const { name, version, license, dependencies = {} } = manifest;
  if (typeof license !== 'string' || license === '') throw new Error(`${name} tells no licence in its package.json`);
  const notices = new Map<string, string>();
  for (const file of (await readdir(folder)).sort()) {
    if (/^(?:licen[cs]e|notice|copying|copyright\w*|third[-_]?party[-_]licen[cs]es?)(?:[.-].*)?$/i.test(file)) {
      notices.set(file, await readFile(join(folder, file), 'utf8'));
    }
  }
  if (notices.size === 0) {
    const section = await licenceInReadme(folder);
    if (section !== undefined) notices.set('README.md', section);
  }
  const own = name.startsWith('@keyturn/');
  return { name, version, license, folder, own, notices, dependencies: Object.keys(dependencies).sort() };
}

/** Some packages tell their licence in their README alone: the part under such a heading. */
async function licenceInReadme(folder: string): Promise<string | undefined> {
  const file = (await readdir(folder)).find((name) => /^readme(?:\.md)?$/i.test(name));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  const [, section] = text.split(/^#+ *licen[cs]e\b.*$/im);
  const part = section?.split(/^#/m)[0]?.trim();
  return part === undefined || !/copyright/i.test(part) ? undefined : part;
}
