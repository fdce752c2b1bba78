import { readFile } from 'node:fs/promises';
import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { AvailabilityClient, type ClientCounts, roundTrips, TaintSearch } from '@keyturn/engine-conformance';
import type { TimelineEntry } from '@keyturn/local-secrets-manager';
import { type Act, acts } from './acts.ts';
import { callsOf, loginsIn, type RotationAccount } from './rotation-account.ts';
import { type Scene, Stage } from './stage.ts';
import { type ActResult, type DemoResult, type Kept, summarize } from './summary.ts';

/** Plays it, telling each line as it happens. */
export async function play(say: (line: string) => void): Promise<DemoResult> {
  const start = performance.now();
  const timed = (line: string): void =>
    say(line === '' ? '' : `${((performance.now() - start) / 1000).toFixed(2).padStart(6)} s  ${line}`);
  say('\nKeyturn rotates secrets of a real PostgreSQL, while a client keeps logging in.\n');
  const stage = await Stage.set(timed);
  try {
    const played: ActResult[] = [];
    const scenes: Scene[] = [];
    for (const act of acts) {
      say(`\n  ${act.title}\n`);
      const scene = await stage.enter(act, timed);
      scenes.push(scene);
      played.push(await playAct(act, scene, stage, timed));
    }
    const result = { acts: played, promises: await promises(played, scenes, stage) };
    summarize(result, say);
    return result;
  } finally {
    await stage.close();
  }
}

async function playAct(act: Act, scene: Scene, stage: Stage, say: (line: string) => void): Promise<ActResult> {
  const client = new AvailabilityClient(async () => {
    const { username, password } = await scene.current();
    return stage.database.logsIn(username, password);
  });
  try {
    client.start();
    await client.nextLogin();
    say('A client logs in all the time, each time with what AWSCURRENT says');
    say('');
    const rotations: RotationAccount[] = [];
    let succeeded = true;
    for (const number of [1, 2]) {
      if (!succeeded) break;
      say(`Rotation ${number}: RotateSecret`);
      const unsubscribe = stage.manager.timeline.subscribe((entry) => tell(entry, client, say));
      const rotation = await rotate(act, scene, stage, client);
      unsubscribe();
      rotations.push(rotation.account);
      succeeded = rotation.succeeded;
      say('');
    }
    await client.stop();
    return { act, rotations, succeeded, client: client.counts };
  } finally {
    await client.stop();
  }
}

/** One rotation, with what it cost: calls by the timeline of Secrets Manager, logins by the log of PostgreSQL. */
async function rotate({ template, hasGap }: Act, scene: Scene, stage: Stage, client: AvailabilityClient) {
  const { manager, database } = stage;
  const old = await scene.current();
  const entriesBefore = manager.timeline.entries.length;
  const before = { ...loginsIn(database.log()), clientRefused: client.counts.refused };
  const start = performance.now();
  await stage.client.send(
    new RotateSecretCommand({
      SecretId: scene.secretId,
      RotationLambdaARN: scene.functionArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
    }),
  );
  const { outcome } = await manager.rotationSettled(scene.secretId);
  const durationMs = Math.round(performance.now() - start);
  await client.nextLogin();
  const after = { ...loginsIn(database.log()), clientRefused: client.counts.refused };
  const calls = callsOf(template, manager.timeline.entries.slice(entriesBefore));
  const account: RotationAccount = {
    calls: calls.length,
    roundTrips: roundTrips(calls),
    logins: after.byTheFunction - before.byTheFunction,
    refusedLogins: after.refused - before.refused - (after.clientRefused - before.clientRefused),
    durationMs,
  };
  const now = await scene.current();
  const newWorks = await database.hasPassword(now.username, now.password);
  const oldWorks = await database.hasPassword(old.username, old.password);
  return { account, succeeded: outcome === 'succeeded' && newWorks && oldWorks === !hasGap };
}

function tell(entry: TimelineEntry, client: AvailabilityClient, say: (line: string) => void): void {
  const { logins, refused } = client.counts;
  if (entry.kind === 'step' && 'step' in entry) {
    const { step, durationMs, outcome } = entry as { step: string; durationMs: number; outcome: string };
    const seen = `client: ${logins} logins, ${refused} refused`;
    const mark = outcome === 'ok' ? '✔' : '✘';
    say(`  ${mark} ${step.padEnd(13)}${`${Math.round(durationMs)} ms`.padStart(7)}   ${seen}`);
    if (outcome !== 'ok') say(`    ${(entry as { error?: { errorMessage: string } }).error?.errorMessage}`);
  }
  if (entry.kind === 'labels' && 'labels' in entry) {
    const labels = Object.entries(entry.labels as Record<string, string>);
    say(`      ${labels.map(([label, version]) => `${label} → ${version.slice(0, 8)}`).join('   ')}`);
  }
  if (entry.kind === 'rotation' && 'event' in entry) say(`    ${entry.event}`);
}

async function promises(played: readonly ActResult[], scenes: readonly Scene[], stage: Stage): Promise<Kept[]> {
  const within = (...keys: readonly (keyof Act['budget'])[]): boolean =>
    played.every(
      ({ act, rotations }) =>
        rotations.length === 2 && rotations.every((account) => keys.every((key) => account[key] === act.budget[key])),
    );
  const counts = (hasGap: boolean): ClientCounts[] =>
    played.filter(({ act }) => act.hasGap === hasGap).map(({ client }) => client);
  return [
    {
      promise:
        'every rotation ended with the new password working; the old one is refused, or goes on where two users take turns',
      held: played.every(({ succeeded }) => succeeded),
    },
    { promise: 'each made the calls and round trips that the budget allows', held: within('calls', 'roundTrips') },
    { promise: 'no login of the function was refused', held: within('logins', 'refusedLogins') },
    {
      promise: 'with two users that take turns, the client was never refused',
      held: counts(false).every(({ refused }) => refused === 0),
    },
    {
      promise: 'no password stands in the function’s logs, its arguments, or the log of PostgreSQL',
      held: await nothingLeaked(scenes, stage),
    },
  ];
}

async function nothingLeaked(scenes: readonly Scene[], { functionOutput, database }: Stage): Promise<boolean> {
  const search = new TaintSearch();
  const ofProcesses: string[] = [];
  for (const scene of scenes) {
    for (const { password } of await scene.credentials()) search.add(password);
    const { pid } = scene.process;
    if (process.platform !== 'linux' || pid === undefined) continue;
    for (const file of ['cmdline', 'environ']) ofProcesses.push(await readFile(`/proc/${pid}/${file}`, 'utf8'));
  }
  const output = [...functionOutput, database.log(), ...ofProcesses];
  return output.length > 1 && output.every((text) => search.find(text) === undefined);
}
