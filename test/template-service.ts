import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseService, RunningService, ServiceModule } from '@keyturn/engine-conformance';
import { templatesFolder } from '../scripts/templates.ts';

/** What a template's function rotates a credential of, ready for a bench. */
export interface TemplateService {
  /** Variables of the function's process. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Makes a user with a credential of its own.
   * @param store stores another secret that is needed, and returns its ARN
   * @returns the secret
   */
  makeSecret(store: (name: string, secret: object) => Promise<string>): Promise<object>;
  /** Whether the service takes the credential of this secret. */
  works(secret: Record<string, string>): Promise<boolean>;
  /** What of the secret must stand in no output. */
  valuesToHide(secret: Record<string, string>): readonly string[];
}

/** A service of `packages/services/` that issues credentials, as its `testing/template-service.ts` starts it. */
export interface IssuingService extends TemplateService {
  /** The calls that it has answered, with the code of a refusal. */
  readonly calls: readonly string[];
  stop(): Promise<void>;
}

/** What the tests of a template start: a database, or a service that issues credentials. */
export type ServiceOfTemplate =
  | { readonly database: DatabaseService }
  /** A template for a service of one's own: there is none to start. */
  | { readonly custom: true }
  | { readonly start: (options?: { readonly callMs?: number }) => Promise<IssuingService> };

const packages = join(import.meta.dirname, '..', 'packages');

/** A template's service, by the package that it depends on: there is no list to keep. */
export async function serviceOf(template: string): Promise<ServiceOfTemplate> {
  const manifest = JSON.parse(await readFile(join(templatesFolder, template, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies)) {
    const folder = name.replace('@keyturn/', '');
    const engine = join(packages, 'engines', folder.replace('engine-', ''), 'service/index.ts');
    if (name.startsWith('@keyturn/engine-')) return { database: newestFor(template, await import(engine)) };
    const issuing = join(packages, 'services', folder, 'testing/template-service.ts');
    if (existsSync(issuing)) return { start: (await import(issuing)).startTemplateService };
  }
  return { custom: true };
}

function newestFor(template: string, { services, templateService }: ServiceModule): DatabaseService {
  const service = templateService?.(template) ?? services.at(-1);
  if (service === undefined) throw new Error(`there is no server for ${template} on this platform`);
  return service;
}

/** The same, of a template that is known to have a database. */
export async function databaseOf(template: string): Promise<DatabaseService> {
  const service = await serviceOf(template);
  if ('database' in service) return service.database;
  throw new Error(`${template} depends on no engine`);
}

/** How a bench's function reaches its database. */
export interface DatabaseOptions {
  /** Where the secret says that the database is. @default - the server itself */
  readonly port?: number;
  /** What the function trusts. @default - the server's authority */
  readonly ca?: string;
}

/** A running database as a template's service: with a user, and a master secret for the strategies that ask for one. */
export async function databaseService(
  running: RunningService,
  folder: string,
  { port = running.port, ca = running.ca }: DatabaseOptions = {},
): Promise<TemplateService> {
  const { host, database, engineName, administrator } = running;
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, ca);
  return {
    environment: { TLS_CA_FILE: caFile },
    async makeSecret(store) {
      const user = { username: `bundle_${randomBytes(6).toString('hex')}`, password: randomBytes(12).toString('hex') };
      await running.createUser(user.username, user.password);
      await running.furnish?.(user.username);
      const at = { engine: engineName, host, port, dbname: database };
      return { ...at, ...user, masterarn: await store('master', { ...at, ...administrator }) };
    },
    works: ({ username = '', password = '' }) => running.logsIn(username, password),
    valuesToHide: ({ password = '' }) => [password],
  };
}
