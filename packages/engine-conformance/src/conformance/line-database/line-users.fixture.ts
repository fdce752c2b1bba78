import type { Statement } from './statements.fixture.ts';

/** The server refuses a statement; the message is one word. */
export class Refusal extends Error {}

interface LineUser {
  passwords: readonly string[];
  readonly rights: Set<string>;
  readonly twinOf: string | undefined;
  refusedInARow: number;
  refused: number;
}

/** How many refused logins in a row lock a user for good. */
const lockAfter = 8;

/** Users with passwords and rights, and the statements that change them. */
export class LineUsers {
  readonly all: Map<string, LineUser> = new Map();
  readonly #master: string;

  constructor(master: string) {
    this.#master = master;
  }

  add(name: string, password: string): void {
    if (this.all.has(name)) throw new Error('there is such a user');
    this.all.set(name, { passwords: [password], rights: new Set(), twinOf: undefined, refusedInARow: 0, refused: 0 });
  }

  user(name: string): LineUser {
    const user = this.all.get(name);
    if (user === undefined) throw new Refusal('no-such-user');
    return user;
  }

  logIn(name: string, password: string): boolean {
    const user = this.all.get(name);
    if (user === undefined) return false;
    if (user.refusedInARow < lockAfter && user.passwords.includes(password)) {
      user.refusedInARow = 0;
      return true;
    }
    user.refusedInARow += 1;
    user.refused += 1;
    return false;
  }

  /** Runs one statement for somebody who is logged in. @throws Refusal */
  run([verb = '', ...words]: Statement, who: string): readonly string[] {
    const [first = '', second = '', third = ''] = words;
    const named = verb.toLowerCase();
    if (named === 'ping') return [];
    if (named === 'password' && (who === first || who === this.#master)) {
      this.user(first).passwords = words.slice(1);
      return [];
    }
    if (who !== this.#master) throw new Refusal('no-right');
    switch (named) {
      case 'create':
        if (this.all.has(first)) throw new Refusal('there-is');
        this.all.set(first, { passwords: [], rights: new Set(), twinOf: third, refusedInARow: 0, refused: 0 });
        return [];
      case 'grant':
        this.user(third).rights.add(first);
        return [];
      case 'revoke':
        this.user(third).rights.delete(first);
        return [];
      case 'rights':
        return [...this.user(first).rights].sort();
      case 'users':
        return [...this.all].map(([name, { twinOf = '' }]) => JSON.stringify([name, twinOf]));
      case 'drop':
        this.user(second === '' ? first : second);
        this.all.delete(second === '' ? first : second);
        return [];
      default:
        throw new Refusal('syntax');
    }
  }
}
