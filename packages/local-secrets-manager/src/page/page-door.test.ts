import { type IncomingMessage, request } from 'node:http';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { service } from '../../testing/service.ts';
import type { LocalSecretsManager, LocalSecretsManagerOptions } from '../index.ts';
import type { PageChange, PageState } from './page-wire.ts';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A service with one secret, and how requests to it are answered. */
async function served(options: LocalSecretsManagerOptions = {}) {
  const local = service(options);
  const { port } = await local.listen();
  const client = new SecretsManagerClient(local.clientOptions());
  const { ARN: arn = '' } = await client.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: 'top-secret' }));
  const send = (sent: Sent): Promise<Answer> =>
    open(port, sent).then(async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
    });
  const origin = `http://127.0.0.1:${port}`;
  const page = { origin, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  return { local, client, arn, port, send, origin, page };
}

function open(port: number, { method = 'GET', path = '/', headers = {}, body = '' }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

it('the page is at / and its files are beside it', async () => {
  const { send } = await served();
  const page = await send({});
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  for (const [, path = ''] of page.text.matchAll(/(?:href|src)="(\/[^"]+)"/g)) {
    expect([path, (await send({ path })).status]).toEqual([path, 200]);
  }
});

it('nothing inline and nothing from elsewhere may run, and nobody may frame the page', async () => {
  const { send } = await served();
  const { headers, text } = await send({});
  const policy = String(headers['content-security-policy']);
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toContain('unsafe');
  expect(text).not.toMatch(/<script(?![^>]*src=)|<style|\son[a-z]+=|style=/);
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
});

it('the front end is small', async () => {
  const { send } = await served();
  const [script, style] = await Promise.all(['/page/app.js', '/page/app.css'].map((path) => send({ path })));
  expect(script?.text.length).toBeLessThan(25_000);
  expect(style?.text.length).toBeLessThan(12_000);
});

it.each(['/page/value', '/page/rotate', '/page/reattempt'])(
  '%s answers the page itself and no other site',
  async (path) => {
    const { send, page, arn, local } = await served();
    const body = JSON.stringify({ secretId: arn });
    const from = (headers: Record<string, string>) => send({ method: 'POST', path, headers, body });
    const calls = local.timeline.of('call').length;
    const refused = [
      {},
      { 'content-type': 'application/json' },
      { ...page, origin: 'http://evil.example' },
      { ...page, origin: 'null' },
      { ...page, 'sec-fetch-site': 'same-site' },
      { ...page, 'content-type': 'text/plain' },
      { ...page, host: 'evil.example', origin: 'http://evil.example' },
    ];
    for (const headers of refused) expect((await from(headers)).status).toBe(403);
    expect(local.timeline.of('call')).toHaveLength(calls);
    expect((await from(page)).status).not.toBe(403);
  },
);

it('a value is told to the page, and its reading is on the timeline', async () => {
  const { send, page, arn, local } = await served();
  const answer = await send({
    method: 'POST',
    path: '/page/value',
    headers: page,
    body: JSON.stringify({ secretId: arn }),
  });
  expect(JSON.parse(answer.text).SecretString).toBe('top-secret');
  expect(local.timeline.of('call').at(-1)).toMatchObject({
    operation: 'GetSecretValue',
    caller: 'page',
    outcome: 'ok',
  });
});

it('a name that somebody has pointed at this machine gets nothing, the page neither', async () => {
  const { send, port } = await served();
  for (const path of ['/', '/page/app.js', '/page/events']) {
    expect((await send({ path, headers: { host: `rebound.example:${port}` } })).status).toBe(403);
  }
});

it('another site cannot listen to the events', async () => {
  const { send, origin } = await served();
  const from = (headers: Record<string, string>) => send({ path: '/page/events', headers });
  expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await from({ origin: `${origin}0` })).status).toBe(403);
});

it.each([
  ['{', 400],
  ['[]', 400],
  ['null', 400],
  [JSON.stringify({ secretId: 'x'.repeat(20_000) }), 400],
  [JSON.stringify({ secretId: 7 }), 400],
  [JSON.stringify({ secretId: 'absent' }), 400],
])('what is no proper request is refused: %.20s', async (body, status) => {
  const { send, page } = await served();
  const answer = await send({ method: 'POST', path: '/page/value', headers: page, body });
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toBeTypeOf('object');
});

it('other addresses and other methods are told so', async () => {
  const { send, page } = await served();
  expect((await send({ path: '/page/absent.js' })).status).toBe(404);
  expect((await send({ path: '/page/../../package.json' })).status).toBe(404);
  expect((await send({ path: '/etc/passwd' })).status).toBe(404);
  expect((await send({ path: '/page/value', headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(405);
  expect((await send({ method: 'POST', path: '/page/app.js', headers: page })).status).toBe(405);
  expect((await send({ method: 'PUT', path: '/' })).status).toBe(405);
});

interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

/** The events of the page's stream, one after the other. */
async function* eventsOf(port: number, path = '/page/events'): AsyncGenerator<StreamEvent> {
  const response = await open(port, { path });
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    rest += chunk;
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(rest.slice(0, end)) ?? [];
      rest = rest.slice(end + 2);
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
    }
  }
}

it('the stream tells where things stand, and then what changes, without any value', async () => {
  const { port, client } = await served();
  const events = eventsOf(port);
  const first = (await events.next()).value as { event: string; data: PageState };
  expect(first.event).toBe('state');
  expect(first.data).toMatchObject({ region: 'us-east-1', total: 1, secrets: [{ name: 'shop/db' }] });
  await client.send(new CreateSecretCommand({ Name: 'shop/cache', SecretString: 'other-secret' }));
  const second = (await events.next()).value as { event: string; data: PageChange };
  expect(second).toMatchObject({ event: 'change', data: { total: 2, secrets: [{ name: 'shop/cache' }] } });
  expect(second.data.entries.map(({ kind }) => kind)).toEqual(['labels', 'call']);
  expect(JSON.stringify([first, second])).not.toMatch(/top-secret|other-secret/);
  await events.return(undefined);
});

it('among many secrets the stream brings the first by name, those that are looked for, and the one that is shown', async () => {
  const { port, client } = await served();
  for (let number = 100; number < 320; number += 1) {
    await client.send(new CreateSecretCommand({ Name: `many/${number}`, SecretString: 'each' }));
  }
  const state = async (wishes: string): Promise<PageState> => {
    const events = eventsOf(port, `/page/events?${wishes}`);
    const { value } = await events.next();
    await events.return(undefined);
    return (value as { data: PageState }).data;
  };
  const all = await state('find=');
  expect([all.total, all.secrets.length, all.secrets.at(-1)?.name]).toEqual([221, 200, 'many/299']);
  expect((await state('find=Y/31')).secrets).toHaveLength(10);
  expect((await state('find=&selected=shop/db')).secrets.at(-1)?.name).toBe('shop/db');
});

it('a secret that is gone is told as gone', async () => {
  const { port, arn, send } = await served();
  const events = eventsOf(port);
  await events.next();
  await send({
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.DeleteSecret' },
    body: JSON.stringify({ SecretId: arn, ForceDeleteWithoutRecovery: true }),
  });
  const { value } = await events.next();
  expect((value as { data: PageChange }).data).toMatchObject({ removed: [arn], total: 0, secrets: [] });
  await events.return(undefined);
});

it('a page that goes away is no longer listened for', async () => {
  const { port, local } = await served();
  const heard = listeners(local);
  const events = eventsOf(port);
  await events.next();
  expect(heard.now()).toBe(1);
  await events.return(undefined);
  await heard.none();
});

/** How many listen to the timeline from here on. */
function listeners({ timeline }: LocalSecretsManager): { now(): number; none(): Promise<void> } {
  const subscribe = timeline.subscribe.bind(timeline);
  const gone = Promise.withResolvers<void>();
  let count = 0;
  timeline.subscribe = (listener) => {
    const end = subscribe(listener);
    count += 1;
    return () => {
      end();
      count -= 1;
      if (count === 0) gone.resolve();
    };
  };
  return { now: () => count, none: () => gone.promise };
}
