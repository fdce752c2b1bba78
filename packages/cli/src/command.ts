/** An option of a subcommand: how it is read, and what the help says of it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** May be given several times. @default false */
  readonly multiple?: boolean;
  /** May be given without its name, as an argument of its own. One option at most. @default false */
  readonly positional?: boolean;
  /** What stands after it in the help, such as `PORT`. */
  readonly value?: string;
  /** One line or several. */
  readonly help: string;
}

/** What a subcommand is called with: each option's values, in their order. */
export interface CommandInput {
  /** Whether a boolean option was given. */
  has(option: string): boolean;
  /** The value of an option, the last one where it was given several times. */
  value(option: string): string | undefined;
  values(option: string): readonly string[];
}

/** One subcommand. Adding one is adding a file under `commands/` that exports it as `command`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the help says besides the options: how it is called, and examples. */
  readonly usage: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** @throws WrongUsage, CommandFailed */
  run(input: CommandInput): Promise<void>;
}
