import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's packages by the library they hold; newer releases have renamed some. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  'libaio.so.1': ['libaio1', 'libaio1t64'],
  'libaio.so.1t64': ['libaio1t64'],
  'libatomic.so.1': ['libatomic1'],
  'libcap.so.2': ['libcap2'],
  'libcrypt.so.1': ['libcrypt1'],
  'libcrypto.so.3': ['libssl3', 'libssl3t64'],
  'libgcc_s.so.1': ['libgcc-s1'],
  'libgcrypt.so.20': ['libgcrypt20'],
  'libgpg-error.so.0': ['libgpg-error0'],
  'libjemalloc.so.2': ['libjemalloc2'],
  'liblua5.1.so.0': ['liblua5.1-0'],
  'liblz4.so.1': ['liblz4-1'],
  'liblzf.so.1': ['liblzf1'],
  'liblzma.so.5': ['liblzma5'],
  'libnuma.so.1': ['libnuma1'],
  'libpcre2-8.so.0': ['libpcre2-8-0'],
  'libpq.so.5': ['libpq5'],
  'libpmem.so.1': ['libpmem1'],
  'libsnappy.so.1': ['libsnappy1v5'],
  'libssl.so.3': ['libssl3', 'libssl3t64'],
  'libstdc++.so.6': ['libstdc++6'],
  'libsystemd.so.0': ['libsystemd0'],
  'liburing.so.2': ['liburing2'],
  'libz.so.1': ['zlib1g'],
  'libzstd.so.1': ['libzstd1'],
};

/** The shared libraries that a program needs, and that neither the system nor `libraryPath` has. */
export async function missingLibraries(program: string, libraryPath: string): Promise<readonly string[]> {
  const { stdout } = await run('ldd', [program], { env: { ...process.env, LD_LIBRARY_PATH: libraryPath } });
  return [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name = '']) => name);
}

/** @throws Error that names a library whose package is not known here */
export async function debianPackages(libraries: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(libraries.map(packageOf));
  return [...new Set(found)];
}

async function packageOf(library: string): Promise<string> {
  const candidates = packagesOf[library];
  if (candidates === undefined) {
    throw new Error(`the library ${library} is needed, and this system lacks it: install it`);
  }
  for (const name of candidates) {
    const { stdout } = await run('apt-cache', ['policy', name]).catch(() => ({ stdout: '' }));
    if (/Candidate: \d/.test(stdout)) return name;
  }
  // Without package lists of the system nothing is known: the first name is right on Debian 12.
  return candidates[0] ?? library;
}
