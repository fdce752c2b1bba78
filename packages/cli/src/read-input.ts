import { parseArgs } from 'node:util';
import type { Command, CommandInput } from './command.ts';
import { WrongUsage } from './errors.ts';

/** Reads the arguments after a subcommand's name. @throws WrongUsage */
export function readInput({ options }: Command, args: readonly string[]): CommandInput {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [name, { type, multiple: true } as const]),
  );
  const bare = Object.keys(options).find((name) => options[name]?.positional);
  const { values, positionals } = parse(args, config, bare !== undefined);
  const of = (option: string): readonly (string | boolean)[] => [
    ...((values[option] ?? []) as (string | boolean)[]),
    ...(option === bare ? positionals : []),
  ];
  for (const [name, { multiple = false, type }] of Object.entries(options)) {
    if (type === 'string' && !multiple && of(name).length > 1) throw new WrongUsage(`--${name} takes one value only.`);
  }
  const values_ = (option: string): readonly string[] => of(option).map(String);
  return { has: (option) => of(option).length > 0, value: (option) => values_(option).at(-1), values: values_ };
}

function parse(
  args: readonly string[],
  options: Record<string, { type: 'string' | 'boolean'; multiple: true }>,
  allowPositionals: boolean,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    // Its first sentence says what is wrong; the rest is advice for another kind of command.
    const [sentence = ''] = error instanceof Error ? error.message.split(/\.(?:\s|$)/) : [];
    throw new WrongUsage(`${sentence}.`);
  }
}
