import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
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
    this.#logger = new Logger({ serviceName: 'keyturn', jsonReplacerFn: redactor.replacer, logFormatter: new Line() });
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

/** A line begins with when, how bad and what; the event's facts follow. */
class Line extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, fields: LogAttributes): LogItem {
    const { timestamp, logLevel, message, serviceName } = attributes;
    const head = {
      timestamp: this.formatTimestamp(timestamp),
      level: logLevel,
      message,
      service: serviceName,
    };
    return new LogItem({ attributes: head }).addAttributes(fields);
  }
}
