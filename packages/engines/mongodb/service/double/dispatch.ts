import type { Command, Context, Document } from './context.ts';
import { checkFields } from './fields.ts';
import { infoCommands } from './info-commands.ts';
import { Refusal, unauthorized } from './refusal.ts';
import { roleCommands } from './role-commands.ts';
import { sessionCommands } from './session-commands.ts';
import { userCommands } from './user-commands.ts';

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...sessionCommands, ...userCommands, ...roleCommands, ...infoCommands }),
);

/** The command of this name. @throws Refusal CommandNotFound */
export function commandNamed(name: string): Command {
  const command = commands.get(name);
  if (command === undefined) throw new Refusal(59, 'CommandNotFound', `no such command: '${name}'`);
  return command;
}

/** Checks a command and runs it. @throws Refusal */
export function run(context: Context, document: Document): object {
  const name = Object.keys(document)[0] ?? '';
  const command = commandNamed(name);
  const { client, unlimited, dialect } = context;
  if (command.open === undefined && !unlimited && client.loggedIn === undefined) {
    throw unauthorized(`command ${name} requires authentication`);
  }
  if (dialect.kind === 'docdb' && document.txnNumber !== undefined) {
    throw new Refusal(301, 'RetryableWritesNotSupported', 'Retryable writes are not supported');
  }
  checkFields(name, document, command.fields);
  return command.run(context, document);
}
