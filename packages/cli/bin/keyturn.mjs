#!/usr/bin/env node
// Runs the command from wherever this file stands: in the source tree through Node's own type stripping,
// in the published package from what was built. Plain JavaScript, so that an old Node can say that it is old.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const source = new URL('../src/index.ts', import.meta.url);
const isSource = existsSync(source);
// What Node must be able to do: change how modules are found, and run TypeScript, both without a flag.
const oldest = isSource ? [22, 18] : [22, 15];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  const { node } = process.versions;
  process.stderr.write(
    `keyturn: Node ${oldest.join('.')} or newer is needed, and this is ${node}. Get one from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
} else {
  // The neighbours' source too: they may never have been built.
  if (isSource) {
    nodeModule.registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, { ...context, conditions: [...context.conditions, 'keyturn-source'] }),
    });
  }
  const { main } = await import(isSource ? source : new URL('../dist/index.js', import.meta.url));
  process.exitCode = await main(process.argv.slice(2));
}
