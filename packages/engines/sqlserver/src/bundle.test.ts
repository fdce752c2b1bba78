import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as leftOut from './left-out.ts';
import encodings from './text-encodings.ts';

test('what is left out of the bundle refuses to be called', () => {
  const { ChronoUnit, LocalDate, isTokenCredential, createNTLMRequest, instanceLookup, ...classes } = leftOut;
  for (const call of [
    isTokenCredential,
    createNTLMRequest,
    instanceLookup,
    LocalDate.of,
    LocalDate.ofYearDay().until,
  ]) {
    expect(call).toThrow('left out of the bundle');
  }
  expect(Object.keys(classes).sort()).toEqual([
    'ClientSecretCredential',
    'DefaultAzureCredential',
    'ManagedIdentityCredential',
    'UsernamePasswordCredential',
    'default',
  ]);
  for (const Class of Object.values(classes)) expect(() => new Class()).toThrow('left out of the bundle');
  expect(ChronoUnit).toEqual({});
});

test('the driver asks for nothing else of what is left out', async () => {
  const folder = join(createRequire(import.meta.url).resolve('tedious'), '..');
  const connection = await readFile(join(folder, 'connection.js'), 'utf8');
  const asked = connection
    .slice(0, connection.indexOf('//# sourceMappingURL'))
    .matchAll(/_(?:identity|coreAuth)\.(\w+)/g);
  for (const [, name = ''] of asked) expect(Object.keys(leftOut)).toContain(name);
});

test('letters of the catalogue are read in every code page that a server may have', () => {
  const bytes = Buffer.from('R G W D S', 'ascii');
  for (const page of ['CP437', 'CP850', 'CP874', 'CP932', 'CP936', 'CP949', 'CP950', 'utf-8', ...'012345678'].map(
    (each) => (each.length === 1 ? `CP125${each}` : each),
  )) {
    expect(encodings.decode(bytes, page)).toBe('R G W D S');
  }
  expect(encodings.decode(Buffer.from([0xe9]), 'CP1252')).toBe('é');
  expect(() => encodings.encode('x', 'CP1252')).toThrow('not sent here');
});
