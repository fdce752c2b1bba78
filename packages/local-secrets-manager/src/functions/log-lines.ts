import type { Readable } from 'node:stream';

/** One line that a function's process wrote. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** Without its line end. */
  readonly text: string;
}

/** Cuts what a process writes into lines; the last one need not be ended. */
export function eachLine(source: Readable, stream: LogLine['stream'], onLine: (line: LogLine) => void): void {
  let rest = '';
  source.setEncoding('utf8');
  source.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) onLine({ stream, text });
  });
  source.on('end', () => {
    if (rest !== '') onLine({ stream, text: rest });
  });
}
