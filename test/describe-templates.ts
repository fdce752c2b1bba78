import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { nodes } from './bench/cold.ts';
import { SharedServers } from './shared-servers.ts';
import type { TemplateBench } from './template-bench.ts';
import { serviceOf } from './template-service.ts';
import { startTemplate, type TemplateUnderTest } from './template-under-test.ts';

const templates = await findTemplates();
const names = templates.map(({ name }) => name);

interface Budget {
  /** Of Secrets Manager, in one rotation. */
  readonly calls: number;
  /** In the second one, where it has more to do. @default - `calls` */
  readonly callsLater?: number;
  /** The log lines of the first rotation's steps, in their order, each followed by `step-succeeded`. */
  readonly createSecret: readonly string[];
  readonly setSecret: readonly string[];
  readonly testSecret: readonly string[];
}

/** What a rotation of a database's user begins and ends with, whatever lies between. */
const database = { createSecret: ['pending-stored'], testSecret: ['logged-in', 'pending-proven'] };

/** What a rotation by each strategy comes to. */
const strategies: Readonly<Record<string, Budget>> = {
  'single-user': { ...database, calls: 8, setSecret: ['logged-in', 'password-set'] },
  'alternating-users': {
    ...database,
    calls: 9,
    setSecret: ['logged-in', 'logged-in', 'twin-created', 'rights-given', 'password-set'],
  },
  'multi-credential': { ...database, calls: 9, setSecret: ['logged-in', 'logged-in', 'password-set'] },
  'multi-credential iam-access-key': {
    calls: 9,
    // Where there are two keys, what the labels name is read again before one of them is deleted.
    callsLater: 10,
    createSecret: ['credential-accepted', 'credential-created', 'pending-stored'],
    setSecret: ['credential-accepted', 'credential-is-there'],
    testSecret: ['credential-accepted', 'credential-proven', 'pending-proven'],
  },
  custom: {
    calls: 8,
    createSecret: ['pending-stored'],
    setSecret: ['credential-accepted', 'credential-set'],
    testSecret: ['credential-accepted', 'pending-proven'],
  },
};

/** The strategy, as the function's log lines name it. */
function strategyOf(bench: TemplateBench): Budget {
  const name = String(JSON.parse(bench.output[0] ?? '{}').strategy);
  const strategy = strategies[name] ?? strategies[name.replace(/ .*/, '')];
  if (strategy === undefined) throw new Error(`the strategy ${name} has no budget here`);
  return strategy;
}

/** At which calls the process of each template is killed: at all, or at those that are dealt to it among its like. */
type Kills = 'all' | 'dealt';

/** Declares the tests of what every template's zip holds. */
export async function describeTemplates(kills: Kills): Promise<void> {
  const servers = new SharedServers();
  afterAll(() => servers.stop());

  /** Those that are killed at calls: the others have a crash matrix elsewhere, of their own service. */
  const databases: string[] = [];
  for (const name of names) if ('database' in (await serviceOf(name))) databases.push(name);

  test('there are templates, and both Nodes of Lambda', () => {
    expect(names).toContain('SecretsManagerRDSPostgreSQLRotationSingleUser');
    expect(nodes().map(({ version }) => version)).toEqual(['22', '24']);
  });

  describe.each(names)('the zip of %s, in a process of its own', (template) => {
    let started: TemplateUnderTest;
    beforeAll(async () => {
      started = await startTemplate(template, servers);
    });
    afterAll(() => started.stop());

    describeRotations(() => started);
    if (databases.includes(template)) describeKills(() => started, template, dealt(databases, template, kills));
  });
}

function describeRotations(started: () => TemplateUnderTest): void {
  test.each(nodes())(
    'rotates twice, warm, on Node $version, within the budget of calls, and logs it in JSON lines',
    async ({ path }) => {
      const bench = await started().bench({ nodePath: path });
      for (const rotation of ['first', 'second']) {
        const from = bench.manager.timeline.of('call').length;
        expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
        const calls = bench.manager.timeline.of('call').slice(from);
        const { calls: first, callsLater = first } = strategyOf(bench);
        expect(calls.filter(({ caller }) => caller === bench.caller)).toHaveLength(
          rotation === 'first' ? first : callsLater,
        );
        expect(await bench.currentWorks()).toBe(true);
        if (rotation === 'first') expectLogOf(bench);
      }
      expect(bench.process.starts).toBe(1);
      await bench.close();
    },
  );
}

/** One JSON line for each event, and one metric line in CloudWatch's format for each step. */
function expectLogOf(bench: TemplateBench): void {
  const lines = bench.output.map((line) => JSON.parse(line));
  const metrics = lines.filter((line) => '_aws' in line);
  expect(metrics.map(({ Step, Succeeded, Failed }) => [Step, Succeeded, Failed])).toEqual(
    ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => [step, 1, 0]),
  );
  for (const { _aws, Duration } of metrics) {
    expect(_aws.CloudWatchMetrics[0]).toMatchObject({ Namespace: 'Keyturn', Dimensions: [['service', 'Step']] });
    expect(Duration).toBeGreaterThan(0);
  }
  const events = lines.filter((line) => !('_aws' in line));
  const { createSecret, setSecret, testSecret } = strategyOf(bench);
  expect(events.map(({ message }) => message)).toEqual(
    [createSecret, setSecret, testSecret, ['promoted']].flatMap((step) => [...step, 'step-succeeded']),
  );
  for (const event of events)
    expect(event).toMatchObject({
      level: 'INFO',
      service: 'keyturn',
      secretId: bench.secretId,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
}

/** The templates of one strategy make the same calls: each is killed at some of them, together at all. */
function dealt(databases: readonly string[], template: string, kills: Kills): (point: number) => boolean {
  const like = (name: string) => name.replace(/^.*Rotation/, '');
  const family = databases.filter((name) => like(name) === like(template));
  return (point) => kills === 'all' || point % family.length === family.indexOf(template);
}

function describeKills(started: () => TemplateUnderTest, template: string, isDealt: (point: number) => boolean): void {
  test('killed with SIGKILL before or after any call to Secrets Manager, it completes with the same token', async () => {
    const strategy = strategies[templates.find(({ name }) => name === template)?.strategy ?? ''];
    const all = Array.from({ length: strategy?.calls ?? 0 }, (_, i) => [
      { call: i + 1, moment: 'before' as const },
      { call: i + 1, moment: 'after' as const },
    ]).flat();
    const points = all.filter((_, i) => isDealt(i));
    const broken: unknown[] = [];
    for (const { call, moment } of points) {
      const bench = await started().bench();
      bench.manager.rotation = { ...bench.manager.rotation, attempts: 2 };
      bench.manager.setFaults([{ action: 'kill', functionName: template, nth: call, moment }]);
      const { outcome } = await bench.rotate();
      const works = await bench.currentWorks();
      const killed = bench.process.starts === 2;
      if (outcome !== 'succeeded' || !works || !killed) broken.push({ call, moment, outcome, works, killed });
      await bench.close();
    }
    console.log(`${template}: SIGKILL at ${points.length} points, ${points.length - broken.length} held`);
    expect(points.length).toBeGreaterThan(0);
    expect(broken).toEqual([]);
  }, 120_000);
}
