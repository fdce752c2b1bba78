/** The command was called in a way that it does not understand. It says what it takes instead. Exit code 2. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

/** The command could not do what it was asked for. It says why, and what to do. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
