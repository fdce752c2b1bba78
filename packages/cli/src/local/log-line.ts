import { stripVTControlCharacters, styleText } from 'node:util';
import type { TimelineEntry } from '@keyturn/local-secrets-manager';

type Color = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';
type Details = Readonly<Record<string, unknown>>;

/** Colours a text, or leaves it as it is where nobody sees colours. */
export type Paint = (color: Color, text: string) => string;

/** @param stream where the text will be written: only a terminal gets colours */
export function painter(stream: NodeJS.WriteStream): Paint {
  return (color, text) => styleText(color, text, { stream });
}

/** One line for people: when it was over, what kind, what, about which secret, by whom, how long it took. */
export function logLine(entry: TimelineEntry, paint: Paint): string {
  const details = entry as Details;
  const [kind, what, rest] = describe(details, paint);
  const secret = typeof details.secretId === 'string' ? nameOf(details.secretId) : '';
  const durationMs = typeof details.durationMs === 'number' ? details.durationMs : undefined;
  const took = durationMs === undefined ? '' : paint('dim', duration(durationMs));
  // Entries tell when something began, and come when it is over: told by that, the lines are in order.
  const parts = [
    paint('dim', timeOfDay(entry.at + (durationMs ?? 0))),
    kind.padEnd(7),
    what,
    printable(secret),
    ...rest,
    took,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** A text that cannot move the cursor or end the line, whoever wrote it. */
export function printable(text: string): string {
  return [...stripVTControlCharacters(text)].map((each) => (/\p{Cc}/u.test(each) ? ' ' : each)).join('');
}

type Description = [kind: string, what: string, rest: string[]];

function describe(entry: Details, paint: Paint): Description {
  const text = (name: string): string => (entry[name] === undefined ? '' : printable(String(entry[name])));
  const isOk = entry.outcome === 'ok';
  switch (entry.kind) {
    case 'call': {
      // A delay shows in the duration, and is how latency is made.
      const isTold = text('fault') !== '' && !text('fault').startsWith('delay');
      const fault = isTold ? paint('yellow', `fault: ${text('fault')}`) : '';
      return [
        'call',
        column(text('operation')),
        [`by ${text('caller')}`, isOk ? '' : paint('red', text('outcome')), fault],
      ];
    }
    case 'step': {
      const { errorMessage } = (entry.error ?? {}) as { errorMessage?: unknown };
      const why = errorMessage === undefined ? '' : paint('red', printable(String(errorMessage)));
      return ['step', paint(isOk ? 'green' : 'red', column(`${isOk ? '✔' : '✘'} ${text('step')}`)), [why]];
    }
    case 'labels':
      return ['labels', moves(entry), []];
    case 'rotation': {
      const color = /Failed|Abandoned/.test(text('event')) ? 'red' : /Succeeded/.test(text('event')) ? 'green' : 'bold';
      return ['event', paint(color, column(text('event'))), [text('errorMessage')]];
    }
    case 'login': {
      const what = `${text('user')}${entry.ok === true ? '' : ' refused'}`.trim();
      const where = text('endpoint') === '' ? '' : `at ${text('endpoint')}`;
      return ['login', paint(entry.ok === true ? 'green' : 'red', column(what)), [`with ${text('with')}`, where]];
    }
    case 'failure':
      return ['error', paint('red', column(text('code'))), [text('reason'), text('remedy')]];
    case 'log':
      return ['log', paint('dim', `${text('functionName')} |`), [text('text')]];
    default:
      return [text('kind'), '', []];
  }
}

/** What moved: `AWSCURRENT → 1f3a9c20, AWSPENDING off`. */
function moves({ labels, before }: Details): string {
  const now = (labels ?? {}) as Record<string, string>;
  const then = (before ?? {}) as Record<string, string>;
  return [...new Set([...Object.keys(now), ...Object.keys(then)])]
    .filter((label) => now[label] !== then[label])
    .map((label) => (now[label] === undefined ? `${label} off` : `${label} → ${now[label].slice(0, 8)}`))
    .map(printable)
    .join(', ');
}

function column(text: string): string {
  return text.padEnd(24);
}

/** The name inside an ARN: all but the prefix and the six characters that the service adds. */
function nameOf(secretId: string): string {
  return secretId.replace(/^arn:[^:]*:secretsmanager:[^:]*:\d*:secret:(.*)-[A-Za-z0-9]{6}$/, '$1');
}

function duration(ms: number): string {
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function timeOfDay(at: number): string {
  const date = new Date(at);
  const pad = (value: number, width = 2): string => String(Math.floor(value)).padStart(width, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}
