import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { rotating } from '../testing/rotation.ts';
import { gate, service } from '../testing/service.ts';
import { Chromium } from './testing/chromium.ts';
import type { Size, Tab } from './testing/tab.ts';

let browser: Chromium;
beforeAll(async () => {
  browser = await Chromium.start();
});
afterAll(() => browser?.close());

/** A tab whose page has nothing to complain of by the end of the test. */
async function open(url: string, size?: Size): Promise<Tab> {
  const tab = await browser.open(url, size);
  onTestFinished(() => expect(tab.complaints).toEqual([]));
  return tab;
}

const secretPage = ({ url }: { url: string }): string => `${url}/#app%2Fdb`;
const connected = '#link[data-live=yes]';

it('a secret that is created appears without reloading', async () => {
  const local = service();
  const { url } = await local.listen();
  const tab = await open(url);
  await tab.untilText('main', 'No secret yet');
  const client = new SecretsManagerClient(local.clientOptions());
  await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: 'hidden-value-1' }));
  await tab.untilText('nav', 'shop/db');
  await tab.click('nav li a');
  await tab.untilText('main h1', 'shop/db');
  expect(await tab.text('.versions')).toContain('AWSCURRENT');
});

it('rotate now shows the four steps as they happen, with their calls', async () => {
  const pause = gate();
  const { local } = await rotating({ before: ({ Step }) => (Step === 'testSecret' ? pause.opened : undefined) });
  const tab = await open(secretPage(await local.listen()));
  await tab.untilText('main h1', 'app/db');
  await tab.click('button.primary');
  await tab.until(`document.querySelectorAll('.steps li[data-state=ok]').length === 2`);
  expect(await tab.evaluate(`[...document.querySelectorAll('.steps li')].map((step) => step.dataset.state)`)).toEqual([
    'ok',
    'ok',
    'running',
    'waiting',
  ]);
  expect(await tab.text('button.primary')).toBe('Rotating …');
  pause.open();
  await tab.untilText('.summary', 'Rotation succeeded in');
  expect(await tab.evaluate(`document.querySelectorAll('.steps li[data-state=ok]').length`)).toBe(4);
  for (const shown of ['createSecret', 'PutSecretValue', 'finishSecret', 'UpdateSecretVersionStage']) {
    expect(await tab.text('.waterfall')).toContain(shown);
  }
  await tab.untilText('#progress', 'The rotation has succeeded.');
  await tab.untilText('button.primary', 'Rotate now');
});

it('a rotation that fails shows the code, the reason and the remedy, and can be tried again', async () => {
  let works = false;
  const { local } = await rotating({
    rotation: { attempts: 1 },
    before: ({ Step, SecretId, ClientRequestToken }) => {
      if (Step !== 'setSecret' || works) return;
      const log = local.functionLog('rotate-db');
      const facts = { service: 'keyturn', step: Step, secretId: SecretId, versionId: ClientRequestToken };
      const line = (fields: object): void => log({ stream: 'stdout', text: JSON.stringify({ ...facts, ...fields }) });
      line({ message: 'login-refused', with: 'AWSCURRENT' });
      line({
        message: 'step-failed',
        code: 'login-failed',
        reason: 'the password was not accepted',
        remedy: 'Check that the password in the secret is the one that the database has.',
        endpoint: 'db:5432',
        user: 'app',
      });
      throw new Error('[login-failed] setSecret: the password was not accepted.');
    },
  });
  const tab = await open(secretPage(await local.listen()));
  await tab.untilText('main h1', 'app/db');
  await tab.click('button.primary');
  await tab.untilText('.failure', 'What to do');
  expect(await tab.text('.failure code')).toBe('login-failed');
  expect(await tab.text('.failure')).toContain('setSecret has failed');
  expect(await tab.text('.failure')).toContain('the password was not accepted at db:5432 as user "app"');
  expect(await tab.text('.remedy')).toBe(
    'What to do: Check that the password in the secret is the one that the database has.',
  );
  await tab.untilText('.waterfall', 'login refused');
  await tab.untilText('button.primary', 'Try again');
  works = true;
  await tab.click('button.primary');
  await tab.untilText('.summary', 'succeeded');
  expect(await tab.evaluate(`document.querySelectorAll('.history li').length`)).toBe(2);
});

it('what the service refuses is told in its own words', async () => {
  const { local, client } = await rotating();
  const tab = await open(secretPage(await local.listen()));
  await tab.untilText('main h1', 'app/db');
  const labels = { SecretId: 'app/db', VersionStages: ['AWSPENDING'] };
  await client.send(new PutSecretValueCommand({ ...labels, SecretString: 'by hand' }));
  await tab.untilText('.versions', 'AWSPENDING');
  await tab.click('button.primary');
  await tab.untilText('.refusal', "InvalidRequestException: A previous rotation isn't complete.");
  tab.complaints.length = 0; // The browser itself notes every answer that is an error.
});

it('values are in the page only between show and hide', async () => {
  const { local } = await rotating();
  const tab = await open(secretPage(await local.listen()));
  await tab.untilText('.versions', 'AWSCURRENT');
  const holdsValue = `document.documentElement.outerHTML.includes('>S0<')`;
  expect(await tab.evaluate(holdsValue)).toBe(false);
  expect(local.timeline.of('call').some(({ operation }) => operation === 'GetSecretValue')).toBe(false);
  await tab.click('.version button');
  await tab.untilText('.value', 'S0');
  expect(local.timeline.of('call').at(-1)).toMatchObject({ operation: 'GetSecretValue', caller: 'page' });
  await tab.click('.version button');
  await tab.untilText('.version button', 'Show value');
  expect(await tab.evaluate(holdsValue)).toBe(false);
});

it('markup in names, labels, values and errors is text', async () => {
  const hostile = `"><img src=x onerror="document.title='broken into'"><script>document.title='broken into'</script>`;
  const { local, client } = await rotating({
    rotation: { attempts: 1 },
    before: () => {
      throw new Error(hostile);
    },
  });
  const put = { SecretId: 'app/db', SecretString: `<script>${hostile}`, VersionStages: ['AWSCURRENT', hostile] };
  await client.send(new PutSecretValueCommand(put));
  await client.send(new CreateSecretCommand({ Name: 'a@b+c=d', Description: hostile, SecretString: 'value-2' }));
  local.registerFunction('<img src=x onerror=alert(1)>', () => undefined);
  local.timeline.record({ kind: hostile, secretId: 'app/db' });
  const tab = await open(secretPage(await local.listen()));
  await tab.untilText('.versions', '<script>');
  await tab.click('.version button');
  await tab.untilText('.value', '<script>');
  await tab.click('button.primary');
  await tab.untilText('.failure', '<script>');
  await tab.click('.section-head input');
  await tab.untilText('.timeline', 'ONERROR'.toLowerCase());
  await tab.click('nav li a[href="#a%40b%2Bc%3Dd"]');
  await tab.untilText('article header', 'onerror');
  expect(await tab.evaluate(`document.querySelectorAll('main img, main script, nav img, nav script').length`)).toBe(0);
  expect(await tab.evaluate('document.title')).toBe('Keyturn: local Secrets Manager');
});

it('a rotation needs no mouse, and the focus can be seen', async () => {
  const { local } = await rotating();
  const tab = await open((await local.listen()).url);
  await tab.untilText('nav', 'app/db');
  const focused = `(document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || '').split('\\n')[0]`;
  const order: string[] = [];
  for (let presses = 0; presses < 3; presses += 1) {
    await tab.press('Tab');
    order.push(await tab.evaluate(focused));
  }
  expect(order).toEqual(['To the secret', 'Find a secret by its name', 'app/db']);
  await tab.press('Enter');
  await tab.untilText('main h1', 'app/db');
  // The secret has no function yet: one is chosen first.
  await tab.press('Tab');
  expect(await tab.evaluate(focused)).toBe('rotate-db');
  await tab.press('Tab');
  expect(await tab.evaluate(focused)).toBe('Rotate now');
  expect(await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  await tab.press('Enter');
  await tab.untilText('.summary', 'Rotation succeeded in');
  // The same button still has the focus: one can go on.
  await tab.untilText('button.primary', 'Rotate now');
  expect(await tab.evaluate(focused)).toBe('Rotate now');
  await tab.press(' ');
  await tab.until(`document.querySelectorAll('.history li').length === 2`);
});

it('on a phone of 360 pixels nothing goes beyond the side', async () => {
  const { local, client, rotate } = await rotating({ rotation: { attempts: 1 } });
  await client.send(
    new CreateSecretCommand({
      Name: `${'a-name-without-end/'.repeat(12)}db`,
      Description: 'x'.repeat(400),
      SecretString: 'v'.repeat(3000),
    }),
  );
  await rotate();
  await local.rotationSettled('app/db');
  const tab = await open(secretPage(await local.listen()), { width: 360, height: 740 });
  await tab.untilText('.summary', 'Rotation succeeded in');
  await tab.click('.section-head input');
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  expect(await tab.evaluate(overflow)).toBe(0);
  await tab.click('nav li a');
  await tab.untilText('main h1', 'a-name-without-end');
  await tab.click('.version button');
  await tab.untilText('.value', 'vvv');
  expect(await tab.evaluate(overflow)).toBe(0);
  await tab.evaluate(`document.querySelector('main').style.width = '400px'`);
  expect(await tab.evaluate(overflow)).toBeGreaterThan(0);
});

it('follows the colours of the system', async () => {
  const { url } = await service().listen();
  const tab = await open(url);
  await tab.until(`document.querySelector('${connected}')`);
  const ground = 'getComputedStyle(document.documentElement).backgroundColor';
  await tab.colors('light');
  expect(await tab.evaluate(ground)).toBe('rgb(245, 246, 249)');
  await tab.colors('dark');
  expect(await tab.evaluate(ground)).toBe('rgb(14, 17, 22)');
});

it('asks nobody but the service for anything', async () => {
  const { local } = await rotating();
  const { url } = await local.listen();
  const tab = await open(`${url}/#app%2Fdb`);
  await tab.untilText('main h1', 'app/db');
  expect(tab.requests.length).toBeGreaterThan(3);
  expect(tab.requests.filter((request) => !request.startsWith(`${url}/`))).toEqual([]);
});

it('says when the service has gone, and goes on when it is back', async () => {
  const local = service();
  const door = await local.listen();
  const tab = await open(door.url);
  await tab.until(`document.querySelector('${connected}')`);
  await door.close();
  await tab.untilText('#link', 'not connected');
  tab.complaints.length = 0; // The browser itself notes a refused connection.
  await local.listen({ port: door.port });
  await tab.until(`document.querySelector('${connected}')`);
  tab.complaints.length = 0;
});
