import type { PageEntry } from '../src/page/page-wire.ts';
import type { CallEntry, LabelsEntry } from '../src/timeline/entries.ts';
import { functionName, secretName, shortId } from './format.ts';

/** One line of the timeline. */
export interface Line {
  /** One word: what happened. */
  readonly kind: string;
  readonly what: string;
  readonly details: string;
  readonly isBad: boolean;
  readonly durationMs?: number;
}

/** @param namesSecret whether the line says which secret it is about */
export function lineOf(entry: PageEntry, namesSecret: boolean): Line {
  const line = known(entry);
  const secretId = secretIdOf(entry);
  if (!namesSecret || secretId === undefined) return line;
  return { ...line, details: joined(secretName(secretId), line.details) };
}

/** The secret that an entry is about, if it is about one. */
export function secretIdOf(entry: PageEntry): string | undefined {
  return 'secretId' in entry ? entry.secretId : undefined;
}

function known(entry: PageEntry): Line {
  switch (entry.kind) {
    case 'call':
      return callLine(entry);
    case 'step': {
      const { step, outcome, durationMs, error } = entry;
      return { kind: 'step', what: step, details: error?.errorMessage ?? '', isBad: outcome !== 'ok', durationMs };
    }
    case 'labels':
      return { kind: 'labels', what: moves(entry), details: '', isBad: false };
    case 'rotation': {
      const { event, functionArn, versionId, attempt, errorMessage } = entry;
      const details = joined(
        functionName(functionArn),
        `version ${shortId(versionId)}`,
        attempt > 1 && `attempt ${attempt}`,
      );
      const isBad = errorMessage !== undefined || event === 'RotationAbandoned';
      return { kind: 'event', what: event, details: joined(details, errorMessage), isBad };
    }
    case 'login': {
      const { ok, user, endpoint, with: label, durationMs } = entry;
      const details = joined(label !== undefined && `with ${label}`, endpoint !== undefined && `at ${endpoint}`);
      const what = `${user ?? ''}${ok ? '' : ' refused'}`.trim();
      return { kind: 'login', what, details, isBad: !ok, ...(durationMs === undefined ? {} : { durationMs }) };
    }
    case 'failure': {
      const { code, reason, remedy } = entry;
      return { kind: 'error', what: code, details: joined(reason, remedy), isBad: true };
    }
    case 'log': {
      const { text, functionName: name } = entry;
      return { kind: 'log', what: text, details: name, isBad: false };
    }
    default:
      return { kind: (entry as { kind: string }).kind, what: '', details: '', isBad: false };
  }
}

function callLine({ operation, caller, outcome, durationMs, fault, versionId }: CallEntry): Line {
  const details = joined(
    `by ${caller}`,
    outcome !== 'ok' && outcome,
    faultNote(fault),
    versionId !== undefined && `version ${shortId(versionId)}`,
  );
  return { kind: 'call', what: operation, details, isBad: outcome !== 'ok', durationMs };
}

/** What a fault did to a call. A delay shows in the duration, and is how latency is made. */
export function faultNote(fault: string | undefined): string {
  return fault === undefined || fault.startsWith('delay') ? '' : `fault: ${fault}`;
}

/** What moved: `AWSCURRENT → 1f3a9c20`, `AWSPENDING off`. */
function moves({ labels, before }: LabelsEntry): string {
  const names = [...new Set([...Object.keys(labels), ...Object.keys(before)])];
  return names
    .filter((name) => labels[name] !== before[name])
    .map((name) => (labels[name] === undefined ? `${name} off` : `${name} → ${shortId(labels[name])}`))
    .join(', ');
}

function joined(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' · ');
}
