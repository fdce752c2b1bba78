export type { Command, CommandInput, OptionSpec } from './command.ts';
export { CommandFailed, WrongUsage } from './errors.ts';
export { main } from './main.ts';
