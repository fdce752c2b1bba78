// Installs what the workspace needs, once: npm start and npm test run it first. It must run on whatever
// Node and npm the machine has, so it is plain JavaScript and uses nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.keyturn-setup');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== wanted) {
  process.stdout.write(
    'Setting up: npm ci (Node 24, PostgreSQL and the libraries come from npm; about 1.1 GB on disk) …\n',
  );
  const start = Date.now();
  // Warnings left out: that the machine's Node is older than the one being installed is what this is for.
  const npm = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write(
      `npm ci failed${npm.error ? `: ${npm.error.message}` : ''}. Is the npm registry within reach?\n`,
    );
    process.exit(1);
  }
  linkNode();
  writeFileSync(stampFile, wanted);
  process.stdout.write(`Set up in ${Math.round((Date.now() - start) / 1000)} s.\n`);
}

/**
 * Puts Node 24 on the path of npm's scripts. npm 11 has done so by now; npm 10 takes the link away again with the
 * packages of the other platforms, which hold a Node of the same name.
 */
function linkNode() {
  const link = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const binaries = Object.keys(optionalDependencies)
    .map((name) => join(root, 'node_modules', name, 'bin', 'node'))
    .filter((file) => existsSync(file));
  if (!existsSync(link) && binaries[0] !== undefined) symlinkSync(relative(dirname(link), binaries[0]), link);
  if (!existsSync(link)) {
    process.stdout.write(
      `There is no Node 24 for ${process.platform}-${process.arch} on npm: your own Node ${process.version} is used.\n`,
    );
  }
}
