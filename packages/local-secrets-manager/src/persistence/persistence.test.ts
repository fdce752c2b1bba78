import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataFolder, filled, opened, value } from '../../testing/data-folder.ts';
import { rawCaller, token } from '../../testing/service.ts';
import { snapshot } from '../../testing/snapshot.ts';
import { ManualClock } from '../clock.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { CallCounter, FaultPlan } from '../faults/fault-plan.ts';
import { Throttle } from '../quotas/throttle.ts';
import { Activity } from '../rotation/activity.ts';
import { Timeline } from '../timeline/timeline.ts';
import { Journal } from './journal.ts';

const SecretId = 's';

it('everything is there after a restart, and a second one', async () => {
  const folder = dataFolder();
  const first = await opened(folder);
  const call = rawCaller(first);
  await filled(call);
  const before = await snapshot(call);
  await first.close();
  for (let restart = 0; restart < 2; restart++) {
    const again = await opened(folder);
    expect(await snapshot(rawCaller(again))).toEqual(before);
    const read = async (input: Record<string, unknown>) =>
      (await rawCaller(again)('GetSecretValue', { SecretId, ...input })).body;
    expect((await read({})).SecretString).toBe(value('second'));
    expect((await read({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe(value('first'));
    expect((await read({ VersionStage: 'BINARY' })).SecretBinary).toBe('AAH/');
    await again.close();
  }
});

it('a version that came again under its id has its new value', async () => {
  const folder = dataFolder();
  const clock = new ManualClock();
  const first = await opened(folder, { clock });
  const call = rawCaller(first);
  await call('CreateSecret', { Name: SecretId, ClientRequestToken: token() });
  const reused = token();
  const put = (ClientRequestToken: string, SecretString: string) =>
    call('PutSecretValue', { SecretId, ClientRequestToken, SecretString });
  await put(reused, 'old');
  for (let index = 0; index < 99; index++) await put(token(), `filler ${index}`);
  clock.advance(25 * 60 * 60 * 1000);
  // These calls go into one commit: the oldest version is dropped and comes again.
  await Promise.all([put(token(), 'drops the oldest'), put(reused, 'new')]);
  await first.close();
  const { body } = await rawCaller(await opened(folder, { clock }))('GetSecretValue', { SecretId, VersionId: reused });
  expect(body.SecretString).toBe('new');
});

it('a log that has grown is written anew, and holds the same', async () => {
  const folder = dataFolder();
  const secrets = new Map<string, never>();
  const options = { folder, arnPrefix: 'arn:', all: () => secrets.values(), compactAtBytes: 5000 };
  const { journal } = await Journal.open(options);
  const secret = (name: string, text: string) =>
    ({
      arn: `arn:${name}`,
      name,
      versions: new Map([['v', { id: 'v', createdAt: 1, labels: [], value: { string: text } }]]),
    }) as never;
  for (let index = 0; index < 200; index++) {
    const name = `s${index % 5}`;
    secrets.set(name, secret(name, `value ${index}`));
    journal.changed(`arn:${name}`, secrets.get(name), 'write');
    await journal.durable();
  }
  await journal.close();
  const [log, ...others] = readdirSync(folder).filter((name) => name.endsWith('.log'));
  expect(others).toEqual([]);
  expect(Number.parseInt(log ?? '', 10)).toBeGreaterThan(1);
  expect(statSync(join(folder, log ?? '')).size).toBeLessThan(6000);
  const again = await Journal.open(options);
  expect(again.secrets).toEqual([...secrets.values()]);
  await again.journal.close();
});

it('a commit that a crash has torn is cut off, wherever it tore, and all before it stays', async () => {
  const folder = dataFolder();
  const local = await opened(folder);
  const call = rawCaller(local);
  const log = join(folder, '00000001.log');
  await call('CreateSecret', { Name: SecretId, SecretString: 'S0', ClientRequestToken: token() });
  const whole = statSync(log).size;
  await call('PutSecretValue', { SecretId, SecretString: 'S1', ClientRequestToken: token() });
  await local.close();
  const complete = readFileSync(log);
  for (let size = whole; size < complete.length; size += 7) {
    writeFileSync(log, complete);
    truncateSync(log, size);
    // Blocks that a loss of power has left without their content.
    if (size % 2 === 1) appendFileSync(log, Buffer.alloc(100));
    const again = await opened(folder);
    const { body } = await rawCaller(again)('GetSecretValue', { SecretId });
    expect(body.SecretString, `cut at ${size}`).toBe('S0');
    await rawCaller(again)('PutSecretValue', { SecretId, SecretString: 'S2', ClientRequestToken: token() });
    await again.close();
    const last = await opened(folder);
    expect((await rawCaller(last)('GetSecretValue', { SecretId })).body.SecretString).toBe('S2');
    await last.close();
  }
});

it('what a crash has left of a compaction is cleared away', async () => {
  const folder = dataFolder();
  const local = await opened(folder);
  await filled(rawCaller(local));
  const before = await snapshot(rawCaller(local));
  await local.close();
  copyFileSync(join(folder, '00000001.log'), join(folder, '00000002.log'));
  writeFileSync(join(folder, '00000003.log.tmp'), 'half');
  expect(await snapshot(rawCaller(await opened(folder)))).toEqual(before);
  expect(readdirSync(folder).filter((name) => name.includes('.log'))).toEqual(['00000002.log']);
});

it('a journal that cannot write takes nothing in any more', async () => {
  const { journal } = await Journal.open({ folder: dataFolder(), arnPrefix: 'arn:', all: () => [] });
  await journal.close();
  journal.changed('arn:s', undefined, 'write');
  await expect(journal.durable()).rejects.toThrow();
  await expect(journal.durable(), 'ever after').rejects.toThrow();
});

it('where the disk has failed, a call is answered with an InternalServiceError', async () => {
  const clock = new ManualClock();
  const dispatcher = new Dispatcher({
    context: { clock } as never,
    faults: new FaultPlan(),
    throttle: new Throttle(() => 0),
    timeline: new Timeline(() => 0),
    activity: new Activity(),
    durable: () => Promise.reject(new Error('no space left: S0')),
  });
  const reply = await dispatcher.handle({
    target: 'secretsmanager.GetRandomPassword',
    body: '{}',
    caller: 'test',
    functionName: undefined,
    door: { hook: undefined, counter: new CallCounter() },
    signal: new AbortController().signal,
  });
  expect(reply.status).toBe(500);
  expect(JSON.parse(reply.body)).toEqual({
    __type: 'InternalServiceError',
    Message: 'The state could not be written to disk.',
  });
});

it('a deleted secret is gone when its window ended while the service was down', async () => {
  const folder = dataFolder();
  const first = await opened(folder, { clock: new ManualClock(0) });
  await filled(rawCaller(first));
  await first.close();
  const later = await opened(folder, { clock: new ManualClock(7 * 24 * 60 * 60 * 1000) });
  expect((await rawCaller(later)('DescribeSecret', { SecretId: 'deleted' })).body.__type).toBe(
    'ResourceNotFoundException',
  );
});
