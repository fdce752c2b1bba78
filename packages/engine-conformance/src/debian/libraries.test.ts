import { expect, test } from 'vitest';
import { debianPackages, missingLibraries } from './libraries.ts';

test('a program whose libraries are all there misses none', async () => {
  expect(await missingLibraries(process.execPath, '')).toEqual([]);
});

test('a library that is not known here is named', async () => {
  await expect(debianPackages(['libunknown.so.9'])).rejects.toThrow('libunknown.so.9');
});

test('each library has its package', async () => {
  expect(await debianPackages(['libssl.so.3', 'libcrypto.so.3', 'libz.so.1'])).toHaveLength(2);
});
