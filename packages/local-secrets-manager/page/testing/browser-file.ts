import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser that the tests of the page use. @throws Error saying how to install one where there is none */
export function browserFile(): string {
  const found = process.env.CHROMIUM ?? onPath(names);
  if (found === undefined) {
    throw new Error(
      'The tests of the page need a Chromium, and there is none on PATH. Install one (Debian: apt-get install chromium), or name one in the variable CHROMIUM.',
    );
  }
  return found;
}

/** Installs a Chromium where there is none and Debian's packages can be installed without asking; else does nothing. */
export function installBrowser(): void {
  if (process.env.CHROMIUM !== undefined || onPath(names) !== undefined) return;
  if (process.getuid?.() !== 0 || onPath(['apt-get']) === undefined) return;
  process.stdout.write('Installing Chromium for the tests of the page (apt-get, once) …\n');
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore' as const };
  spawnSync('apt-get', ['update', '-qq'], options);
  const packages = ['chromium', 'fonts-dejavu-core'];
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

function onPath(wanted: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => wanted.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
