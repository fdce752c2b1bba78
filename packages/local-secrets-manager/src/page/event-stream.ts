import type { ServerResponse } from 'node:http';
import type { Secret } from '../state/secret.ts';
import type { SecretStore } from '../state/secret-store.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { PageChange, PageEntry, PageState } from './page-wire.ts';
import { secretView } from './secret-view.ts';

// More would help nobody who reads, and a page must not slow the service down.
const SHOWN_SECRETS = 200;
const SHOWN_ENTRIES = 1000;
// Changes are gathered: a rotation makes some twenty entries, a load test thousands a second.
const GATHER_MS = 50;
// How soon a browser asks again when the service has gone: a restart takes about a second.
const RECONNECT_MS = 500;

/** What the stream tells about. */
export interface StreamParts {
  readonly store: SecretStore;
  readonly timeline: Timeline;
  readonly region: string;
  readonly functionArns: () => readonly string[];
}

/** What a page asks its stream for. */
export interface StreamWishes {
  /** Only secrets with this in their name, in any case. Empty for all. */
  readonly find: string;
  /** The name of one more secret, wherever it stands. */
  readonly selected: string;
}

/** Sends a page where things stand, and from then on what changes, as server-sent events, until it is gone. */
export function streamEvents(parts: StreamParts, wishes: StreamWishes, response: ServerResponse): void {
  let entries: PageEntry[] = [];
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const arns = new Set([...parts.store.all()].map(({ arn }) => arn));

  const flush = (): void => {
    timer = undefined;
    // A page that does not keep up gets what it missed in one piece.
    if (response.writableNeedDrain) return void response.once('drain', schedule);
    const change = changeOf(parts, arns, changed, entries);
    entries = [];
    changed = new Set();
    send(response, 'change', change);
  };
  const schedule = (): void => {
    if (!response.destroyed) timer ??= setTimeout(flush, GATHER_MS);
  };
  const unsubscribe = parts.timeline.subscribe((entry) => {
    entries.push(entry as PageEntry);
    if (entries.length > SHOWN_ENTRIES) entries.shift();
    const { secretId } = entry as { secretId?: unknown };
    if (typeof secretId === 'string' && secretId.startsWith('arn:')) changed.add(secretId);
    schedule();
  });
  response.on('close', () => {
    unsubscribe();
    clearTimeout(timer);
  });
  response.write(`retry: ${RECONNECT_MS}\n\n`);
  send(response, 'state', stateOf(parts, wishes));
}

function stateOf({ store, timeline, region, functionArns }: StreamParts, { find, selected }: StreamWishes): PageState {
  const all = [...store.all()];
  const wanted = find.toLowerCase();
  const found = all.filter(({ name }) => name.toLowerCase().includes(wanted)).sort(byName);
  const shown = found.slice(0, SHOWN_SECRETS);
  const extra = all.find(({ name }) => name === selected);
  if (extra !== undefined && !shown.includes(extra)) shown.push(extra);
  return {
    region,
    functionArns: functionArns(),
    secrets: shown.map(secretView),
    total: all.length,
    entries: timeline.entries.slice(-SHOWN_ENTRIES) as PageEntry[],
  };
}

/** @param arns those of every secret, brought up to date here: to count them all each time would take too long */
function changeOf(
  { store, functionArns }: StreamParts,
  arns: Set<string>,
  changed: ReadonlySet<string>,
  entries: readonly PageEntry[],
): PageChange {
  const secrets: Secret[] = [];
  const removed: string[] = [];
  for (const arn of changed) {
    const secret = store.find(arn);
    if (secret !== undefined) {
      secrets.push(secret);
      arns.add(arn);
    } else if (arns.delete(arn)) {
      removed.push(arn);
    }
  }
  const shown = secrets.slice(-SHOWN_SECRETS).map(secretView);
  return { functionArns: functionArns(), secrets: shown, removed, total: arns.size, entries };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function send(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
