import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { World } from '../testing/world.ts';
import { codeOf } from './function-code.ts';
import { RotationTemplate } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyturn-cdk-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ['rotate.mjs', 'old.cjs', 'secrets.env', 'handler.ts', 'built.zip'])
  writeFileSync(join(folder, name), name);
mkdirSync(join(folder, 'dist'));
writeFileSync(join(folder, 'dist', 'index.mjs'), 'export const handler = () => {};');

/** What a function of this code uploads, and which of it Lambda calls. */
function uploaded(entry: string): { handler: string; files: string[] } {
  const world = new World();
  world.rotation({ entry: join(folder, entry) });
  const { Handler, Code } = world.properties('AWS::Lambda::Function');
  const [hash] = Code.S3Key.split('.');
  const { directory } = world.app.synth();
  const asset = readdirSync(directory).find((name) => name.startsWith(`asset.${hash}`)) ?? '';
  return { handler: Handler, files: asset.endsWith('.zip') ? ['zip'] : readdirSync(join(directory, asset)) };
}

test('a file is uploaded alone, and nothing that stands beside it', () => {
  expect(uploaded('rotate.mjs')).toEqual({ handler: 'rotate.handler', files: ['rotate.mjs'] });
  expect(uploaded('old.cjs')).toEqual({ handler: 'old.handler', files: ['old.cjs'] });
});

test('a folder is uploaded as a whole, and a zip as it is', () => {
  expect(uploaded('dist')).toEqual({ handler: 'index.handler', files: ['index.mjs'] });
  expect(uploaded('built.zip')).toEqual({ handler: 'index.handler', files: ['zip'] });
});

test.each<[string, Parameters<typeof codeOf>[0], string]>([
  [
    'neither',
    {},
    'Give either template, such as RotationTemplate.postgresSingleUser(), or entry, the built file of your own.',
  ],
  ['both', { template: RotationTemplate.mysqlSingleUser(), entry: 'x.mjs' }, 'Give either template'],
  ['an entry that is not there', { entry: 'no-such.mjs' }, 'no-such.mjs. Build your handler before cdk synth.'],
  [
    'a source',
    { entry: join(folder, 'handler.ts') },
    'is not what Lambda runs. Build it before cdk synth, and name what that makes: npx esbuild',
  ],
  [
    'a template whose bundle was not built',
    { template: { name: 'NeverBuilt' } as RotationTemplate },
    'There is no bundle of NeverBuilt. In a clone of Keyturn, build it first: npm run build -- NeverBuilt',
  ],
])('%s: an error with the remedy', (_what, props, message) => {
  expect(() => codeOf(props)).toThrow(message);
});
