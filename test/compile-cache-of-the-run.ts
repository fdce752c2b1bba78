import { join } from 'node:path';

/** For the whole test run: processes of Node that tests start find this workspace's TypeScript compiled. */
export default function compileCacheOfTheRun(): void {
  process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'keyturn', 'compiled');
}
