import type { ClientCounts } from '@keyturn/engine-conformance';
import type { Act } from './acts.ts';
import type { RotationAccount } from './rotation-account.ts';

/** What an act came to. */
export interface ActResult {
  readonly act: Act;
  readonly rotations: readonly RotationAccount[];
  readonly succeeded: boolean;
  readonly client: ClientCounts;
}

/** A promise, and whether it held. */
export interface Kept {
  readonly promise: string;
  readonly held: boolean;
}

/** What the demonstration came to. */
export interface DemoResult {
  readonly acts: readonly ActResult[];
  readonly promises: readonly Kept[];
}

/** The table at the end, and the promises. */
export function summarize({ acts, promises }: DemoResult, say: (line: string) => void): void {
  const columns = acts.flatMap(({ act, rotations }) => [
    ...rotations.map((account, i) => ({ title: `${act.column} ${i + 1}`, account })),
    { title: 'budget', account: { ...act.budget, durationMs: undefined } },
  ]);
  const row = (name: string, cell: (column: (typeof columns)[number]) => string | number): void =>
    say(`  ${name.padEnd(22)}${columns.map((column) => String(cell(column)).padStart(13)).join('')}`.trimEnd());
  row('', ({ title }) => title);
  row('Secrets Manager calls', ({ account }) => account.calls);
  row('round trips', ({ account }) => account.roundTrips);
  row('logins', ({ account }) => account.logins);
  row('refused logins', ({ account }) => account.refusedLogins);
  row('took, ms', ({ account }) => account.durationMs ?? '');
  say('');
  for (const { act, client } of acts) {
    const gap = client.refused === 0 ? '' : `, for at most ${Math.round(Math.max(0, ...client.gapsMs))} ms`;
    say(`  ${act.title}: the client logged in ${client.logins} times and was refused ${client.refused} times${gap};`);
    say(`  ${act.clientSees}.`);
  }
  say('');
  for (const { promise, held } of promises) say(`  ${held ? '✔' : '✘ NOT HELD:'} ${promise}`);
  say('');
}
