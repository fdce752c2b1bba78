import type { CallEntry, TimelineEntry } from '@keyturn/local-secrets-manager';

/** What one rotation cost, counted by those it cost: Secrets Manager and the database. */
export interface RotationAccount {
  readonly calls: number;
  readonly roundTrips: number;
  readonly logins: number;
  readonly refusedLogins: number;
  readonly durationMs: number;
}

/** The calls that the function made, in order. */
export function callsOf(caller: string, entries: readonly TimelineEntry[]): CallEntry[] {
  return entries.filter(
    (entry): entry is CallEntry => entry.kind === 'call' && 'caller' in entry && entry.caller === caller,
  );
}

/** Logins as PostgreSQL's own log counts them. */
export function loginsIn(serverLog: string): { byTheFunction: number; refused: number } {
  const lines = serverLog.split('\n');
  return {
    byTheFunction: lines.filter((line) => /connection authorized:.*application_name=keyturn/.test(line)).length,
    refused: lines.filter((line) => /FATAL: {2}password authentication failed/.test(line)).length,
  };
}
