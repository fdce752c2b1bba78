import type { Secret } from '../state/secret.ts';
import type { SecretStore } from '../state/secret-store.ts';
import { redacted } from '../timeline/redaction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { LogLine } from './log-lines.ts';

// A line of a log, not a file.
const MAX_LENGTH = 2000;

/** A login that a rotation function tells of in its log. */
export interface LoginEntry {
  readonly kind: 'login';
  readonly at: number;
  readonly functionName: string;
  readonly secretId: string;
  readonly versionId?: string;
  readonly step?: string;
  readonly ok: boolean;
  readonly user?: string;
  /** `host:port` */
  readonly endpoint?: string;
  /** Which credential, such as `AWSPENDING`. */
  readonly with?: string;
  readonly durationMs?: number;
}

/** Why a step failed, as a rotation function tells it in its log. */
export interface FailureEntry {
  readonly kind: 'failure';
  readonly at: number;
  readonly functionName: string;
  readonly secretId: string;
  readonly versionId?: string;
  readonly step?: string;
  readonly code: string;
  readonly reason?: string;
  readonly remedy?: string;
  readonly user?: string;
  readonly endpoint?: string;
  readonly stage?: string;
  readonly driverCode?: string;
}

/** Any other line that a function wrote. */
export interface FunctionLogEntry {
  readonly kind: 'log';
  readonly at: number;
  readonly functionName: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/**
 * Reads what a function writes, and records it in the timeline: logins and failures as such, lines that it
 * does not know as they are. Every value of a secret that the function has called the service for is blacked out.
 */
export class FunctionLog {
  readonly #functionName: string;
  readonly #timeline: Timeline;
  readonly #store: SecretStore;
  /** The ARNs of the secrets that the function can know. */
  readonly #touched = new Set<string>();

  constructor(functionName: string, timeline: Timeline, store: SecretStore) {
    this.#functionName = functionName;
    this.#timeline = timeline;
    this.#store = store;
    timeline.subscribe((entry) => {
      const { kind, caller, secretId } = entry as Record<string, unknown>;
      if (kind === 'call' && caller === functionName && typeof secretId === 'string') this.#touched.add(secretId);
    });
  }

  /** Takes one line of the function's process. */
  hear({ stream, text }: LogLine): void {
    const line = parsed(text);
    // Metrics in CloudWatch's embedded format tell nothing that the steps do not.
    if (text.trim() === '' || line?._aws !== undefined) return;
    if (line?.service === 'keyturn') this.#hearEvent(line);
    else this.#record('log', { stream, text: this.#clean(text) });
  }

  #hearEvent(line: Record<string, unknown>): void {
    if (typeof line.secretId !== 'string' || this.#find(line.secretId) === undefined) return;
    const where = this.#texts(line, ['secretId', 'versionId', 'step', 'user', 'endpoint']);
    if (line.message === 'logged-in' || line.message === 'login-refused') {
      const took = typeof line.durationMs === 'number' ? { durationMs: line.durationMs } : {};
      this.#record('login', { ...where, ...this.#texts(line, ['with']), ok: line.message === 'logged-in', ...took });
    }
    if (line.message === 'step-failed') {
      this.#record('failure', { ...where, ...this.#texts(line, ['code', 'reason', 'remedy', 'stage', 'driverCode']) });
    }
  }

  #record(kind: string, details: Record<string, unknown>): void {
    this.#timeline.record({ kind, functionName: this.#functionName, ...details });
  }

  #texts(line: Record<string, unknown>, names: readonly string[]): Record<string, string> {
    const texts = names.flatMap((name) => {
      const text = line[name];
      return typeof text === 'string' ? [[name, name === 'secretId' ? text : this.#clean(text)]] : [];
    });
    return Object.fromEntries(texts);
  }

  #clean(text: string): string {
    const known = [...this.#touched].flatMap((arn) => this.#find(arn) ?? []);
    return redacted(text, known).slice(0, MAX_LENGTH);
  }

  #find(secretId: string): Secret | undefined {
    return secretId.startsWith('arn:') ? this.#store.find(secretId) : undefined;
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A line like any other.
  }
}
