import type { Command, OptionSpec } from './command.ts';

const COLUMN = 24;
const REPEATED = '…';

/** The help of the whole command. */
export function overview(commands: readonly (readonly [name: string, command: Command])[]): string {
  const lines = commands.map(([name, { summary }]) => `  ${name.padEnd(COLUMN)}${summary}`);
  return `Usage: keyturn COMMAND [OPTIONS]

Rotation functions for AWS Secrets Manager that can be trusted at 3 a.m.

Commands:
${lines.join('\n')}

  ${'--help, -h'.padEnd(COLUMN)}this text; keyturn COMMAND --help tells about one
  ${'--version, -v'.padEnd(COLUMN)}the version
`;
}

/** The help of one subcommand. */
export function commandHelp(name: string, { summary, usage, options }: Command): string {
  const lines = Object.entries(options).map(([option, spec]) => optionLines(option, spec));
  const help = optionLines('help', { type: 'boolean', help: 'this text' });
  const isAnyMultiple = Object.values(options).some(({ multiple }) => multiple === true);
  const footnote = isAnyMultiple ? `\n${REPEATED} may be given several times\n` : '';
  return `keyturn ${name}: ${summary}\n\n${usage.trim()}\n\nOptions:\n${[...lines, help].join('\n')}\n${footnote}`;
}

function optionLines(option: string, { value, help, multiple = false }: OptionSpec): string {
  const head = `  --${option}${value === undefined ? '' : ` ${value}`}${multiple ? ` ${REPEATED}` : ''}`;
  const [first = '', ...rest] = help.split('\n');
  const margin = ' '.repeat(COLUMN + 2);
  const lines = rest.map((line) => `${margin}${line}`);
  return head.length < COLUMN + 1
    ? [head.padEnd(COLUMN + 2) + first, ...lines].join('\n')
    : [head, `${margin}${first}`, ...lines].join('\n');
}
