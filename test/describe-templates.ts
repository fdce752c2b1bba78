import { type RunningService, recordOutput } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { templateNames } from '../scripts/templates.ts';
import { TemplateBench } from './template-bench.ts';
import { databaseOf, serviceOf } from './template-service.ts';

const names: string[] = [];
for (const name of await templateNames()) if ('database' in (await serviceOf(name))) names.push(name);

/** What a rotation by each strategy comes to: calls of Secrets Manager, and the function's log lines. */
const strategies: Readonly<Record<string, { readonly calls: number; readonly setSecret: readonly string[] }>> = {
  'single-user': { calls: 8, setSecret: ['logged-in', 'password-set'] },
  'alternating-users': {
    calls: 9,
    setSecret: ['logged-in', 'logged-in', 'twin-created', 'rights-given', 'password-set'],
  },
  'multi-credential': { calls: 9, setSecret: ['logged-in', 'logged-in', 'password-set'] },
};

/** The strategy, as the function's log lines name it. */
function strategyOf(bench: TemplateBench): { readonly calls: number; readonly setSecret: readonly string[] } {
  const [name = ''] = String(JSON.parse(bench.output[0] ?? '{}').strategy).split(' ');
  const strategy = strategies[name];
  if (strategy === undefined) throw new Error(`the strategy ${name} has no budget here`);
  return strategy;
}

/** At which calls the process of each template is killed: at all, or at those that are dealt to it among its like. */
type Kills = 'all' | 'dealt';

/** Declares the tests of every template's bundle. */
export function describeTemplates(kills: Kills): void {
  test('there are templates', () => {
    expect(names).toContain('SecretsManagerRDSPostgreSQLRotationSingleUser');
  });

  describe.each(names)('the bundle of %s, in a process of its own', (template) => describeTemplate(template, kills));
}

/** The templates of one strategy make the same calls: each is killed at some of them, together at all. */
function dealt<T>(points: readonly T[], template: string, kills: Kills): readonly T[] {
  if (kills === 'all') return points;
  const like = (name: string) => name.replace(/^.*Rotation/, '');
  const family = names.filter((name) => like(name) === like(template));
  return points.filter((_, i) => i % family.length === family.indexOf(template));
}

function describeTemplate(template: string, kills: Kills): void {
  let running: RunningService;

  beforeAll(async () => {
    const service = await databaseOf(template);
    await service.prepare();
    running = await service.start();
  });
  afterAll(async () => {
    recordOutput(running.log());
    await running.stop();
  });

  test('rotates twice, warm, within the budget of calls', async () => {
    const bench = await TemplateBench.make(template, running);
    for (const _ of [1, 2]) {
      const from = bench.manager.timeline.of('call').length;
      expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
      const calls = bench.manager.timeline.of('call').slice(from);
      expect(calls.filter(({ caller }) => caller === template)).toHaveLength(strategyOf(bench).calls);
      expect(await bench.currentWorks()).toBe(true);
    }
    expect(bench.process.starts).toBe(1);
    await bench.close();
  });

  test('writes one JSON line for each event, and one metric line in CloudWatch’s format for each step', async () => {
    const bench = await TemplateBench.make(template, running);
    await bench.rotate();
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
    expect(events.map(({ message }) => message)).toEqual([
      'pending-stored',
      'step-succeeded',
      ...strategyOf(bench).setSecret,
      'step-succeeded',
      'logged-in',
      'pending-proven',
      'step-succeeded',
      'promoted',
      'step-succeeded',
    ]);
    for (const event of events)
      expect(event).toMatchObject({ level: 'INFO', service: 'keyturn', secretId: bench.secretId });
    await bench.close();
  });

  test('killed with SIGKILL before or after any call to Secrets Manager, it completes with the same token', async () => {
    const recorded = await TemplateBench.make(template, running);
    await recorded.rotate();
    const calls = recorded.manager.timeline.of('call').filter(({ caller }) => caller === template);
    const strategyCalls = strategyOf(recorded).calls;
    await recorded.close();
    const all = calls.flatMap((_, i) => [
      { call: i + 1, moment: 'before' as const },
      { call: i + 1, moment: 'after' as const },
    ]);
    const points = dealt(all, template, kills);
    const broken: unknown[] = [];
    for (const { call, moment } of points) {
      const bench = await TemplateBench.make(template, running);
      bench.manager.rotation = { ...bench.manager.rotation, attempts: 2 };
      bench.manager.setFaults([{ action: 'kill', functionName: template, nth: call, moment }]);
      const { outcome } = await bench.rotate();
      const works = await bench.currentWorks();
      const killed = bench.process.starts === 2;
      if (outcome !== 'succeeded' || !works || !killed) broken.push({ call, moment, outcome, works, killed });
      await bench.close();
    }
    console.log(`${template}: SIGKILL at ${points.length} points, ${points.length - broken.length} held`);
    expect(all).toHaveLength(2 * strategyCalls);
    expect(points.length).toBeGreaterThan(0);
    expect(broken).toEqual([]);
  }, 120_000);
}
