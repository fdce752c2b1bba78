import { type Engine, Password, RotationError, type TwinAdmin } from '@keyturn/core';
import { lookalike } from '../generated-names.ts';
import type { Defect } from './defects.fixture.ts';
import { LineConnection } from './line-connection.fixture.ts';

const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join('');

/** The engine of the line database; with a defect, one that breaks a promise. */
export function lineEngine(
  defect?: Defect,
  { overlap = false }: { readonly overlap?: boolean } = {},
): Engine<LineConnection> {
  const has = (other: Defect) => other === defect;
  const quote = (text: string) => (has('quotes wrongly') ? `'${text}'` : `'${text.replaceAll("'", "''")}'`);
  const given = (password: Password) =>
    quote(has('cuts long passwords') ? password.reveal().slice(0, 64) : password.reveal());

  const setPasswords = async (connection: LineConnection, username: string, ...passwords: readonly Password[]) => {
    if (has('prints the password')) console.log(`setting ${passwords.map((password) => password.reveal()).join()}`);
    if (has('takes the old password away first')) await connection.run(`password ${quote(username)}`);
    try {
      await connection.run(`password ${quote(username)} ${passwords.map(given).join(' ')}`);
      if (has('takes names for patterns') && lookalike(username) !== username) {
        await connection
          .run(`password ${quote(lookalike(username))} ${passwords.map(given).join(' ')}`)
          .catch(() => []);
      }
    } catch (error) {
      throw spoilt(error, passwords);
    }
  };
  const spoilt = (error: unknown, passwords: readonly Password[]): unknown => {
    if (!(error instanceof RotationError)) return error;
    if (has("lets the driver's error out")) return new Error('the driver fails');
    if (has('puts the password into the error')) {
      return new RotationError(error.code, { ...error.details, message: `it fails: ${passwords[0]?.reveal()}` });
    }
    if (has('takes a lost connection for a refused password') && error.code === 'connection-lost') {
      return new RotationError('password-refused', error.details);
    }
    return error;
  };

  // What no engine may have: something that connections share.
  let lastUser = '';

  return {
    name: 'lines',
    secret: { engines: ['lines'], defaultPort: 1, usernameMaxBytes: 80 },
    passwords: { minLength: 1, maxLength: 200, characters: printable, excludedByDefault: '/@"\'\\' },
    async connect(login, limits) {
      if (login.username === '' || login.username.includes('\0')) {
        throw new RotationError('invalid-secret', { message: 'no user has this name' });
      }
      lastUser = login.username;
      if (has('tries another password first')) {
        const other = new Password(`${login.password.reveal()} or so`);
        await LineConnection.open({ ...login, password: other }, limits, has).catch(() => undefined);
      }
      let tries = has('tries a login five times') ? 5 : 1;
      for (;;) {
        try {
          return await LineConnection.open(login, limits, has);
        } catch (error) {
          tries -= 1;
          if (tries === 0 || (error as RotationError).code !== 'login-failed') throw error;
        }
      }
    },
    ping: async (connection) => void (await connection.run('ping')),
    async changeOwnPassword(connection, next, current) {
      if (has('cannot be repeated') && next.equals(current)) {
        throw new RotationError('statement-failed', { message: 'it is the same' });
      }
      const { user } = connection.where;
      await setPasswords(connection, has('keeps one user for all connections') ? lastUser : user, next);
    },
    async close(connection) {
      if (has('hangs in close')) await new Promise(() => {});
      connection.close();
    },
    admin: {
      resetPassword: (connection, username, next) => setPasswords(connection, username, next),
      twins: twinsOf(quote, has),
    },
    ...(overlap
      ? {
          overlap: {
            addPassword: (connection, username, next, keep) =>
              setPasswords(connection, username, ...(has('ends the password in use') ? [next] : [keep, next])),
          },
        }
      : {}),
  };
}

function twinsOf(quote: (text: string) => string, has: (defect: Defect) => boolean): TwinAdmin<LineConnection> {
  const compare = async (connection: LineConnection, current: string, next: string) => {
    const wanted = await connection.run(`rights ${quote(current)}`);
    const there = await connection.run(`rights ${quote(next)}`);
    return {
      lacking: wanted.filter((right) => !there.includes(right)),
      beyond: there.filter((right) => !wanted.includes(right)),
    };
  };
  return {
    async cloneUser(connection, { base, twin, current, next, password, isKnown }) {
      const users = new Map((await connection.run('users')).map((line): [string, string] => JSON.parse(line)));
      const created = !users.has(next);
      if (created) await connection.run(`create ${quote(next)} of ${quote(base)}`);
      else if (users.get(twin) !== base && !has('takes any user for the twin') && !(await isKnown())) {
        throw new RotationError('twin-name-taken', { message: "the user is somebody else's", user: next });
      }
      if (created && has('gives the twin its password first')) {
        await connection.run(`password ${quote(next)} ${quote(password.reveal())}`);
      }
      const { lacking, beyond } = await compare(connection, current, next);
      const given = has('clones too little') ? lacking.slice(1) : lacking;
      const taken = has('revokes nothing') ? [] : beyond;
      for (const right of given) await connection.run(`grant ${quote(right)} to ${quote(next)}`);
      for (const right of taken) await connection.run(`revoke ${quote(right)} from ${quote(next)}`);
      return { created, given, taken };
    },
    async comparePrivileges(connection, { current, next }) {
      if (has('compares nothing') || has('clones too little') || has('revokes nothing')) return [];
      const { lacking, beyond } = await compare(connection, current, next);
      return [
        ...lacking.map((right) => `${next} lacks ${right}`),
        ...beyond.map((right) => `${current} lacks ${right}`),
      ];
    },
  };
}
