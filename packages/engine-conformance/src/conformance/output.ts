import { attempt, secretsIn } from './failure.ts';
import { addition, type Operation, ownChange, reset } from './password-operations.ts';
import { AbsentPart, type ScenarioGroup } from './scenario.ts';
import { clone } from './twin-operations.ts';

/** What this process prints while it does something, besides showing it. */
async function printedDuring(work: () => Promise<unknown>): Promise<string> {
  const printed: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;
  const originals = methods.map((method) => console[method]);
  for (const stream of streams) {
    stream.write = ((chunk: string | Uint8Array) => {
      printed.push(Buffer.from(chunk as Uint8Array).toString());
      return true;
    }) as typeof stream.write;
  }
  for (const method of methods) console[method] = (...all: unknown[]) => void printed.push(all.map(String).join(' '));
  try {
    await work();
  } finally {
    streams.forEach((stream, i) => {
      stream.write = writes[i] as typeof stream.write;
    });
    methods.forEach((method, i) => {
      console[method] = originals[i] as typeof console.log;
    });
  }
  return printed.join('\n');
}

const operations: readonly Operation[] = [ownChange, reset, addition('user'), clone];

/** What an engine prints is read by many. */
export const output: ScenarioGroup = {
  name: 'output',
  scenarios: [
    {
      name: 'nothing that the engine prints holds a password',
      async run(world) {
        const faults: string[] = [];
        for (const operation of operations) {
          const begun = await operation.begin(world).catch((error: unknown) => {
            if (error instanceof AbsentPart) return undefined;
            throw error;
          });
          if (begun === undefined) continue;
          const printed = await printedDuring(() => attempt(() => world.as(begun.user, begun.run)));
          faults.push(
            ...secretsIn(printed, begun.secrets).map((form) => `${operation.name} prints a secret (${form})`),
          );
        }
        return faults;
      },
    },
  ],
};
