import { openClient, withClient } from './client.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

/** A user with every right, through the socket file, which no certificate stands before; it watches all commands. */
export class Superuser {
  readonly #path: string;
  readonly #login: Login;
  readonly #end: () => void;
  readonly #seen: string[];

  private constructor(path: string, login: Login, seen: string[], end: () => void) {
    this.#path = path;
    this.#login = login;
    this.#seen = seen;
    this.#end = end;
  }

  static async open(path: string, login: Login): Promise<Superuser> {
    const client = await openClient({ path }, login);
    const seen: string[] = [];
    await client.monitor((line) => seen.push(String(line)));
    return new Superuser(path, login, seen, () => client.destroy());
  }

  /** What MONITOR has shown so far: every command but those that Redis keeps from it. */
  seen(): string {
    return this.#seen.join('\n');
  }

  command(args: readonly string[]): Promise<unknown> {
    return withClient({ path: this.#path }, this.#login, (client) => client.sendCommand(args));
  }

  close(): void {
    this.#end();
  }
}
