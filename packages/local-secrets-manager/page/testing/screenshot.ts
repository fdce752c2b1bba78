// Takes the picture of the page that the README shows: two users of a real PostgreSQL, one of whom rotates well
// while the other's password was changed behind the secret's back, and a secret that does not rotate.
// Run from the root: node -C keyturn-source packages/local-secrets-manager/page/testing/screenshot.ts
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { bundleTemplate } from '../../../../scripts/bundle-template.ts';
import { services } from '../../../engines/postgres/service/index.ts';
import { bundleProcess, LocalSecretsManager } from '../../src/index.ts';
import { Chromium } from './chromium.ts';

const template = 'SecretsManagerRDSPostgreSQLRotationSingleUser';
const picture = join(import.meta.dirname, '..', 'screenshot.png');
const size = { width: 1240, height: 926 };

const service = services.at(-1);
if (service === undefined) throw new Error('There is no PostgreSQL for this platform.');
await service.prepare();
const database = await service.start();
const folder = await mkdtemp(join(tmpdir(), 'keyturn-screenshot-'));
const local = new LocalSecretsManager({
  rotation: { attempts: 1 },
  faults: [{ action: 'delay', moment: 'before', ms: 10 }],
});
const browser = await Chromium.start();
try {
  const { url } = await local.listen();
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, database.ca);
  const environment = { TLS_CA_FILE: caFile };
  const onLog = local.functionLog(template);
  const file = await bundleTemplate(template);
  const functionArn = local.registerFunction(template, bundleProcess({ file, environment, onLog }));
  const client = new SecretsManagerClient(local.clientOptions());

  const create = async (name: string, username: string, description: string): Promise<string> => {
    const password = randomBytes(18).toString('base64url');
    await database.createUser(username, password);
    const { host, port, engineName: engine, database: dbname } = database;
    const SecretString = JSON.stringify({ engine, host, port, dbname, username, password });
    await client.send(new CreateSecretCommand({ Name: name, Description: description, SecretString }));
    return name;
  };
  const rotate = async (name: string): Promise<void> => {
    const RotationRules = { AutomaticallyAfterDays: 30 };
    await client.send(new RotateSecretCommand({ SecretId: name, RotationLambdaARN: functionArn, RotationRules }));
    await local.rotationSettled(name);
  };

  await client.send(new CreateSecretCommand({ Name: 'shop/payments/api-key', SecretString: 'not shown' }));
  const billing = await create('shop/billing/app', 'billing', 'The user of the billing service');
  const orders = await create('shop/orders/app', 'orders', 'The user of the order service');
  await database.execute(`ALTER USER billing PASSWORD '${randomBytes(18).toString('base64url')}'`);
  await rotate(billing);
  await rotate(orders);
  const tab = await browser.open(`${url}/#${encodeURIComponent(orders)}`, size);
  await tab.colors('light');
  await tab.untilText('main h1', orders);
  await rotate(orders);
  await tab.until(`document.querySelectorAll('.history li').length === 2`);
  await tab.untilText('.summary', 'succeeded');
  await writeFile(picture, await tab.screenshot());
  process.stdout.write(`${picture}\n`);
} finally {
  await browser.close();
  await local.close();
  await database.stop();
  await rm(folder, { recursive: true });
}
