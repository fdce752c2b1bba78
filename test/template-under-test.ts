import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { FakeApi } from '../examples/http-api-password/fake-api.ts';
import { packFunction } from '../scripts/pack/pack-function.ts';
import type { SharedServers } from './shared-servers.ts';
import { TemplateBench, type TemplateBenchOptions } from './template-bench.ts';
import { serviceOf, type TemplateService } from './template-service.ts';

/** What a template's zip holds, and what it rotates credentials of. */
export interface TemplateUnderTest {
  /** A bench whose function is what the template's zip holds. */
  bench(options?: TemplateBenchOptions): Promise<TemplateBench>;
  stop(): Promise<void>;
}

/** Packs a template, and starts what it rotates credentials of, unless that is a database that runs already. */
export async function startTemplate(template: string, servers: SharedServers): Promise<TemplateUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  const { zip } = await packFunction(template, join(folder, 'dist'));
  const file = join(await unzipped(zip, join(folder, 'function')), 'index.mjs');
  const { make, stop } = await startService(template, servers);
  return {
    bench: (options = {}) => make({ ...options, file }),
    async stop() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Writes what a zip holds into a folder. @returns the folder */
export async function unzipped(zip: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const entries = Object.entries(unzipSync(await readFile(zip)));
  for (const [name, bytes] of entries) await writeFile(join(folder, name), bytes);
  return folder;
}

async function startService(
  template: string,
  servers: SharedServers,
): Promise<{
  make(options: TemplateBenchOptions): Promise<TemplateBench>;
  stop(): Promise<void>;
}> {
  const service = await serviceOf(template);
  if ('database' in service) {
    const running = await servers.of(template);
    return {
      make: (options) => TemplateBench.make(template, running, options),
      stop: async () => {},
    };
  }
  const started = 'start' in service ? await service.start() : await startOwnService();
  return {
    make: (options) => TemplateBench.makeWith(template, started, options),
    stop: () => started.stop(),
  };
}

/** What the handler of the generic template asks of a service, over a real HTTP server. */
export async function startOwnService(): Promise<TemplateService & { stop(): Promise<void> }> {
  const api = new FakeApi();
  await api.start();
  return {
    environment: {},
    async makeSecret() {
      const login = { username: `app-${api.passwords.size}`, password: randomUUID() };
      api.passwords.set(login.username, login.password);
      return { url: api.url, ...login };
    },
    works: async ({ username = '', password }) => api.passwords.get(username) === password,
    valuesToHide: ({ password = '' }) => [password],
    stop: () => api.stop(),
  };
}
