import { Logger } from '@aws-lambda-powertools/logger';
import type { Redactor } from './redact.ts';

/** Facts of an event, besides its name. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one JSON line for each event that matters. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Makes the logs of a process's invocations. */
export class Logs {
  readonly #logger: Logger;

  /** Every line passes through `redactor`. The level comes from POWERTOOLS_LOG_LEVEL or Lambda's own setting. */
  constructor(redactor: Redactor) {
    this.#logger = new Logger({ serviceName: 'keyturn', jsonReplacerFn: redactor.replacer });
  }

  /** A log whose every line has these fields too. */
  with(context: LogFields): Log {
    const line = (fields: LogFields = {}): LogFields => ({ ...context, ...fields });
    return {
      info: (event, fields) => this.#logger.info(event, line(fields)),
      warn: (event, fields) => this.#logger.warn(event, line(fields)),
      error: (event, fields) => this.#logger.error(event, line(fields)),
    };
  }
}
