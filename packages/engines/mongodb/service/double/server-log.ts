import { Binary, EJSON } from 'bson';
import type { Document } from './context.ts';

/** What a server logs, as MongoDB does it: one JSON line for each event, with the sensitive fields as `xxx`. */
export class ServerLog {
  readonly #lines: string[] = [];
  readonly #refused = new Map<string, number>();
  #logins = 0;

  /** Logins that worked. */
  get logins(): number {
    return this.#logins;
  }

  command(member: number, connection: number, db: string, command: Document): void {
    this.note(member, connection, { db, command: redacted(command) });
  }

  note(member: number, connection: number, attr: object): void {
    this.#lines.push(EJSON.stringify({ c: 'COMMAND', ctx: `member ${member} conn${connection}`, attr }));
  }

  login(user: string, outcome: 'logged-in' | 'refused'): void {
    if (outcome === 'logged-in') this.#logins += 1;
    else this.#refused.set(user, this.refusedLogins(user) + 1);
    this.#lines.push(EJSON.stringify({ c: 'ACCESS', msg: outcome, attr: { user } }));
  }

  refusedLogins(user: string): number {
    return this.#refused.get(user) ?? 0;
  }

  text(): string {
    return this.#lines.join('\n');
  }

  /** Names of the commands that came, in their order, those of the handshake and login too. */
  commands(): readonly string[] {
    return this.#lines.flatMap((line) => {
      const { attr } = JSON.parse(line);
      return attr.command === undefined ? [] : [Object.keys(attr.command)[0] ?? ''];
    });
  }
}

function redacted(command: Document): Document {
  return Object.fromEntries(
    Object.entries(command).map(([key, value]) => {
      if (key === 'pwd') return [key, 'xxx'];
      if (value instanceof Binary) return [key, 'xxx'];
      if (key === 'speculativeAuthenticate') return [key, redacted(value as Document)];
      return [key, value];
    }),
  );
}
