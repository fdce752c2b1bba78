import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { type PackedFunction, packFunction } from '../scripts/pack/pack-function.ts';
import { nodes } from './bench/cold.ts';
import { type FailedInvocation, FailingFunction, silentEndpoint } from './template-process.ts';
import { unzipped } from './template-under-test.ts';
import { buildThere, otherWorkspace } from './template-workspace.ts';

const templates = await findTemplates();
const names = templates.map(({ name }) => name);
/** One template of each engine and service: the others of it are made of the same sources. */
const ofEachPackage = [...new Map(templates.map(({ name, service }) => [service.package, name])).values()].sort();
/** Asked for only where they are installed or turned on: pg's native binding, colours of mysql2's and debug's output. */
const optional: readonly string[] = ['pg-native', 'cardinal', 'supports-color'];

/** CycloneDX's own schema. @see https://cyclonedx.org/docs/1.6/json */
const schema = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

const packed = new Map<string, PackedFunction>();

/** Not the templates' own folders: other tests build there at the same time. */
let folderOfAll = '';

beforeAll(async () => {
  folderOfAll = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  for (const name of names) packed.set(name, await packFunction(name, join(folderOfAll, name)));
}, 240_000);
afterAll(() => rm(folderOfAll, { recursive: true }));

function packedOf(name: string): PackedFunction {
  const found = packed.get(name);
  if (found === undefined) throw new Error(`${name} is not packed`);
  return found;
}

/** The log line of the step that failed. */
function failureIn(log: readonly string[]): unknown {
  return log.map((line) => JSON.parse(line)).find(({ message }) => message === 'step-failed');
}

const sha256 = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

test('another checkout, at another path, in another time zone, gives the same bytes', async () => {
  const folder = await otherWorkspace(ofEachPackage.map(packedOf));
  const there = await buildThere(folder, ofEachPackage, { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8' });
  expect(there.map(({ template }) => template)).toEqual(ofEachPackage);
  for (const { template, file, zip, sha256: said } of there) {
    const here = packedOf(template);
    expect(zip.startsWith(folder)).toBe(true);
    expect(said).toBe(here.sha256);
    for (const [mine, theirs] of [
      [here.bundle, file],
      [here.zip, zip],
      [here.notices, zip.replace('function.zip', 'THIRD-PARTY-LICENSES.txt')],
      [here.billOfMaterials, zip.replace('function.zip', 'sbom.cdx.json')],
    ] as const) {
      expect(await sha256(theirs), theirs).toBe(await sha256(mine));
    }
  }
}, 240_000);

test('the control: one changed line of a source gives other bytes', async () => {
  const [name = ''] = names;
  const folder = await otherWorkspace([packedOf(name)]);
  await appendFile(
    join(folder, 'packages/core/src/errors.ts'),
    "\nremedies satisfies object;\nprocess.emit('x' as never);\n",
  );
  const [there] = await buildThere(folder, [name], {});
  expect(there?.sha256).not.toBe(packedOf(name).sha256);
}, 120_000);

/** The most bytes that a template's zip may have, by its name. */
const mostBytes: readonly (readonly [names: RegExp, bytes: number])[] = [
  [/Oracle/, 1_200_000],
  [/MongoDB|DocumentDB|SQLServer/, 800_000],
  [/^/, 300_000],
];

function limitOf(name: string): number {
  return mostBytes.find(([those]) => those.test(name))?.[1] ?? 0;
}

describe.each(names)('%s', (name) => {
  test('its zip is no bigger than a cold start can bear', async () => {
    const { zip, zipBytes } = packedOf(name);
    expect((await readFile(zip)).length).toBe(zipBytes);
    expect(zipBytes).toBeLessThan(limitOf(name));
  });

  test('the zip holds the bundle and the notices, readable by Lambda, and nothing else', async () => {
    const { zip, bundle, notices } = packedOf(name);
    const bytes = await readFile(zip);
    const entries = unzipSync(bytes);
    expect(Object.keys(entries)).toEqual(['THIRD-PARTY-LICENSES.txt', 'index.mjs']);
    expect(Buffer.from(entries['index.mjs'] ?? []).equals(await readFile(bundle))).toBe(true);
    expect(Buffer.from(entries['THIRD-PARTY-LICENSES.txt'] ?? []).equals(await readFile(notices))).toBe(true);
    // The mode of each entry stands in the upper half of the external attributes of the central directory.
    const modes: number[] = [];
    for (
      let at = bytes.indexOf('PK\x01\x02', 0, 'latin1');
      at !== -1;
      at = bytes.indexOf('PK\x01\x02', at + 1, 'latin1')
    ) {
      modes.push(bytes.readUInt32LE(at + 38) >>> 16);
    }
    expect(modes).toEqual([0o100644, 0o100644]);
  });

  test('it imports nothing but Node’s own modules, and no native one', () => {
    const { imports, read } = packedOf(name).made;
    const own = new Set(builtinModules.flatMap((each) => [each, `node:${each}`]));
    const others = imports.filter((each) => !own.has(each));
    expect(others.filter((each) => !optional.includes(each))).toEqual([]);
    expect(read.filter((file) => /\.(?:node|so|dll|dylib)$/.test(file))).toEqual([]);
  });

  test('every package in it has its licence told, and its text where the licence asks for that', async () => {
    const { packages } = packedOf(name);
    const notices = await readFile(packedOf(name).notices, 'utf8');
    const others = packages.filter(({ own }) => !own);
    expect(others.length).toBeGreaterThan(5);
    for (const { name: each, version, license, notices: texts } of others) {
      expect(notices).toContain(`${each} ${version} (${license})`);
      for (const text of texts.values()) expect(notices).toContain(text.replaceAll('\r\n', '\n').trim());
      // MIT-0 asks for no notice; every other licence does.
      if (texts.size === 0) expect(license, each).toBe('MIT-0');
    }
  });

  test('the bill of materials names each package in the bundle once, and the bundle by its hash', async () => {
    const { bundle, billOfMaterials } = packedOf(name);
    const text = await readFile(billOfMaterials, 'utf8');
    expect(await schema.validate(text)).toBeNull();
    const bill = JSON.parse(text);
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(bill.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(bill.metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: await sha256(bundle) }]);
    expect(JSON.stringify(bill)).not.toMatch(/timestamp|\/work|node_modules/);
    const refs: string[] = bill.components.map((component: { 'bom-ref': string }) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    const { packages } = packedOf(name);
    expect(refs).toHaveLength(packages.length);
    for (const { purl, version } of bill.components) {
      expect(purl).toMatch(/^pkg:npm\/(?:%40[a-z0-9.-]+\/)?[a-z0-9._-]+@\d+\.\d+\.\d+/);
      expect(purl.endsWith(`@${version}`)).toBe(true);
    }
    const known = new Set([...refs, bill.metadata.component['bom-ref']]);
    expect(bill.dependencies).toHaveLength(known.size);
    for (const { ref, dependsOn } of bill.dependencies) {
      for (const each of [ref, ...dependsOn]) expect(known).toContain(each);
    }
  });
});

describe.each(nodes())(
  'what is in every zip, on Node $version, shows its failures as Lambda shows them:',
  ({ version, path }) => {
    let silent: Awaited<ReturnType<typeof silentEndpoint>>;
    const functions = new Map<string, FailingFunction>();

    beforeAll(async () => {
      silent = await silentEndpoint();
      for (const name of names) {
        const file = join(await unzipped(packedOf(name).zip, join(folderOfAll, name, `on-${version}`)), 'index.mjs');
        functions.set(name, await FailingFunction.start(file, path, silent.host));
      }
    });
    afterAll(async () => {
      for (const each of functions.values()) await each.stop();
      silent.stop();
    });

    /** All of them at the same time: most of it is waiting. */
    const invokeAll = (
      step: string,
      timeoutMs: (i: number) => number,
    ): Promise<(readonly [string, FailedInvocation])[]> =>
      Promise.all(
        [...functions].map(async ([name, each], i) => [name, await each.invoke(step, timeoutMs(i))] as const),
      );

    test('an unknown step', async () => {
      for (const [name, { errorType, message, trace, log }] of await invokeAll('create_secret', () => 30_000)) {
        expect(errorType, name).toBe('RotationError');
        expect(message, name).toMatch(/^\[unknown-step\] .*create_secret/);
        expect(trace[0], name).toBe(`RotationError: ${message}`);
        expect(failureIn(log), name).toMatchObject({ level: 'ERROR', service: 'keyturn', code: 'unknown-step' });
      }
    });

    test('a deadline that runs out while Secrets Manager does not answer: before Lambda’s time-out, with what was waited for', async () => {
      // One after another, so that no process waits for the processor with its answer.
      const ended = await invokeAll('createSecret', (i) => 2_500 + 80 * i);
      for (const [name, { errorType, message, elapsedMs, log }] of ended) {
        expect(errorType, name).toBe('RotationError');
        expect(message, name).toMatch(/^\[deadline-exceeded\] createSecret: /);
        expect(message, name).toContain(silent.host);
        expect(failureIn(log), name).toMatchObject({ code: 'deadline-exceeded', step: 'createSecret' });
        expect(elapsedMs, name).toBeGreaterThan(1_900);
        expect(functions.get(name)?.isAlive, name).toBe(true);
      }
    });

    test('the control: a function that hears of no deadline ends with Lambda’s time-out, and its process with it', async () => {
      for (const each of functions.values()) await each.freeze();
      for (const [name, { errorType, message, log }] of await invokeAll('createSecret', () => 300)) {
        expect(errorType, name).toBe('Sandbox.Timedout');
        expect(message, name).toMatch(/ Task timed out after 0\.30 seconds$/);
        expect(log, name).toEqual([]);
        expect(functions.get(name)?.isAlive, name).toBe(false);
      }
    });
  },
);

test('the control: the schema refuses a bill with a licence that there is not', async () => {
  const bill = JSON.parse(await readFile(packedOf(names[0] ?? '').billOfMaterials, 'utf8'));
  const [first, ...others] = bill.components;
  const broken = { ...bill, components: [{ ...first, licenses: [{ license: { id: 'MIT-ish' } }] }, ...others] };
  expect(await schema.validate(JSON.stringify(broken))).not.toBeNull();
});

test('what a driver owes to others stands in the notices, too', async () => {
  const notices = await readFile(packedOf('SecretsManagerRDSOracleRotationSingleUser').notices, 'utf8');
  for (const file of ['LICENSE.txt', 'NOTICE.txt', 'THIRD_PARTY_LICENSES.txt']) {
    const text = await readFile(join(import.meta.dirname, '../node_modules/oracledb', file), 'utf8');
    expect(notices).toContain(text.replaceAll('\r\n', '\n').trim());
  }
});

test('the driver stands in the bill of those bundles that have it, and in no other', async () => {
  const has = async (template: string, name: string): Promise<boolean> => {
    const bill = JSON.parse(await readFile(packedOf(template).billOfMaterials, 'utf8'));
    return bill.components.some((component: { name: string }) => component.name === name);
  };
  expect(await has('SecretsManagerRDSPostgreSQLRotationSingleUser', 'pg')).toBe(true);
  expect(await has('SecretsManagerRDSPostgreSQLRotationSingleUser', 'client-rds')).toBe(false);
  expect(await has('SecretsManagerRDSPostgreSQLRotationMultiUser', 'client-rds')).toBe(true);
  expect(await has('SecretsManagerRDSMariaDBRotationSingleUser', 'pg')).toBe(false);
});
