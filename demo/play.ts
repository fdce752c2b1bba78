import { readFile } from 'node:fs/promises';
import { GetSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { roundTrips, TaintSearch } from '@keyturn/engine-conformance';
import type { TimelineEntry } from '@keyturn/local-secrets-manager';
import { AvailabilityClient, type ClientCounts } from './availability-client.ts';
import { budget, callsOf, loginsIn, type RotationAccount } from './rotation-account.ts';
import { type Stage, setStage } from './stage.ts';

/** What the demonstration came to. */
export interface DemoResult {
  readonly rotations: readonly RotationAccount[];
  readonly client: ClientCounts;
  readonly promises: readonly { readonly promise: string; readonly held: boolean }[];
}

/** Plays it, telling each line as it happens. */
export async function play(say: (line: string) => void): Promise<DemoResult> {
  const start = performance.now();
  const timed = (line: string): void =>
    say(`${((performance.now() - start) / 1000).toFixed(2).padStart(6)} s  ${line}`);
  say('\nKeyturn rotates the password of a real PostgreSQL user, twice, while a client keeps logging in.\n');
  const stage = await setStage(timed);
  const client = new AvailabilityClient(() => logInWithCurrent(stage));
  try {
    client.start();
    await client.nextLogin();
    timed('A client logs in all the time, each time with what AWSCURRENT says\n');
    const rotations: RotationAccount[] = [];
    const worked: boolean[] = [];
    for (const number of [1, 2]) {
      timed(`Rotation ${number}: RotateSecret`);
      const unsubscribe = stage.manager.timeline.subscribe((entry) => tell(entry, client, timed));
      const { account, succeeded, newWorks, oldRefused } = await rotate(stage, client);
      unsubscribe();
      rotations.push(account);
      worked.push(succeeded && newWorks && oldRefused);
      say('');
      if (!succeeded) break;
    }
    await client.stop();
    const result = { rotations, client: client.counts, promises: await promises(stage, rotations, worked) };
    summarize(result, say);
    return result;
  } finally {
    await client.stop();
    await stage.close();
  }
}

async function logInWithCurrent({ client, secretId, database, user }: Stage): Promise<boolean> {
  return database.logsIn(user, await currentPassword({ client, secretId }));
}

async function currentPassword({ client, secretId }: Pick<Stage, 'client' | 'secretId'>): Promise<string> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return JSON.parse(SecretString).password;
}

/** One rotation, with what it cost: calls by the timeline of Secrets Manager, logins by the log of PostgreSQL. */
async function rotate(stage: Stage, client: AvailabilityClient) {
  const { manager, database, user, secretId, functionName } = stage;
  const oldPassword = await currentPassword(stage);
  const entriesBefore = manager.timeline.entries.length;
  const before = { ...loginsIn(database.log()), clientRefused: client.counts.refused };
  const start = performance.now();
  await stage.client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: stage.functionArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
    }),
  );
  const { outcome } = await manager.rotationSettled(secretId);
  const durationMs = Math.round(performance.now() - start);
  await client.nextLogin();
  const after = { ...loginsIn(database.log()), clientRefused: client.counts.refused };
  const calls = callsOf(functionName, manager.timeline.entries.slice(entriesBefore));
  const account: RotationAccount = {
    calls: calls.length,
    roundTrips: roundTrips(calls),
    logins: after.byTheFunction - before.byTheFunction,
    refusedLogins: after.refused - before.refused - (after.clientRefused - before.clientRefused),
    durationMs,
  };
  const newWorks = await database.hasPassword(user, await currentPassword(stage));
  return {
    account,
    succeeded: outcome === 'succeeded',
    newWorks,
    oldRefused: !(await database.hasPassword(user, oldPassword)),
  };
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

async function promises(stage: Stage, rotations: readonly RotationAccount[], worked: readonly boolean[]) {
  const within = (key: keyof typeof budget): boolean =>
    rotations.length === 2 && rotations.every((rotation) => rotation[key] === budget[key]);
  return [
    {
      promise: 'both rotations ended with the new password working and the old one refused',
      held: worked.length === 2 && worked.every(Boolean),
    },
    {
      promise: `each made ${budget.calls} calls in ${budget.roundTrips} round trips`,
      held: within('calls') && within('roundTrips'),
    },
    {
      promise: `each logged in ${budget.logins} times, and no login was refused`,
      held: within('logins') && within('refusedLogins'),
    },
    { promise: 'the client logs in with AWSCURRENT when all is done', held: await logInWithCurrent(stage) },
    {
      promise: 'no password stands in the function’s logs, its arguments, or the log of PostgreSQL',
      held: await nothingLeaked(stage),
    },
  ];
}

async function nothingLeaked(stage: Stage): Promise<boolean> {
  const search = new TaintSearch();
  for (const password of await stage.passwords()) search.add(password);
  const pid = stage.functionPid();
  const ofProcess =
    process.platform === 'linux' && pid !== undefined
      ? await Promise.all(['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')))
      : [];
  const output = [...stage.functionOutput, stage.database.log(), ...ofProcess];
  return output.length > 0 && output.every((text) => search.find(text) === undefined);
}

function summarize({ rotations, client, promises }: DemoResult, say: (line: string) => void): void {
  const row = (name: string, cells: readonly (string | number)[]): void =>
    say(`  ${name.padEnd(24)}${cells.map((cell) => String(cell).padStart(12)).join('')}`);
  row('', [...rotations.map((_, i) => `rotation ${i + 1}`), 'budget']);
  row('Secrets Manager calls', [...rotations.map(({ calls }) => calls), budget.calls]);
  row('round trips', [...rotations.map((rotation) => rotation.roundTrips), budget.roundTrips]);
  row('logins', [...rotations.map(({ logins }) => logins), budget.logins]);
  row('refused logins', [...rotations.map(({ refusedLogins }) => refusedLogins), budget.refusedLogins]);
  row(
    'took, ms',
    rotations.map(({ durationMs }) => durationMs),
  );
  say(
    `\n  The client logged in ${client.logins} times and was refused ${client.refused} times, for at most ${client.longestGapMs} ms:`,
  );
  say('  with a single user, AWSCURRENT is behind the database from setSecret to finishSecret.\n');
  for (const { promise, held } of promises) say(`  ${held ? '✔' : '✘ NOT HELD:'} ${promise}`);
  say('');
}
