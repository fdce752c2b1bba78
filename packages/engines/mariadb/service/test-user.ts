import { Password } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { limits, loginTo } from '@keyturn/engine-conformance';
import { type MariadbConnection, type MariadbOptions, mariadb } from '../src/index.ts';
import type { RunningMariadb } from './index.ts';

/** The user `app`, and what is done to its password, in both forms. */
export interface TestUser {
  /** Makes the user anew, with an account for each of these hosts. */
  make(accounts: Readonly<Record<string, string>>): Promise<void>;
  /** The user changes its own password. */
  change(current: string, next: string, options?: MariadbOptions): Promise<void>;
  /** The administrator sets it. */
  reset(next: string, options?: MariadbOptions): Promise<void>;
  asMaster<T>(use: (master: MariadbConnection) => Promise<T>): Promise<T>;
  /** Everything that the server keeps of the account, with HASH for the hash of this password. */
  account(host: string, password?: string): Promise<string>;
}

export function testUser(server: () => RunningMariadb): TestUser {
  const asMaster: TestUser['asMaster'] = async (use) => {
    const { username, password } = server().administrator;
    const engine = mariadb();
    const master = await engine.connect(loginTo(server(), username, password), limits());
    return use(master).finally(() => engine.close(master));
  };
  return {
    asMaster,
    async make(accounts) {
      for (const { Host } of await server().execute("SELECT Host FROM mysql.global_priv WHERE User = 'app'")) {
        await server().execute(`DROP USER app@'${String(Host)}'`);
      }
      for (const [host, clause] of Object.entries(accounts)) {
        await server().execute(`CREATE USER app@'${host}' ${clause}`);
      }
    },
    async change(current, next, options = {}) {
      const engine = mariadb(options);
      const connection = await engine.connect(loginTo(server(), 'app', current), limits());
      await engine
        .changeOwnPassword(connection, new Password(next), new Password(current))
        .finally(() => engine.close(connection));
    },
    async reset(next, options = {}) {
      await asMaster(async (master) => mariadb(options).admin?.resetPassword(master, 'app', new Password(next)));
    },
    async account(host, password) {
      const rows = [
        ...(await server().execute(`SHOW CREATE USER app@'${host}'`)),
        ...(await server().execute(`SHOW GRANTS FOR app@'${host}'`)),
        ...(await server().execute("SELECT * FROM mysql.roles_mapping WHERE User = 'app'")),
        ...(await server().execute("SELECT default_role FROM mysql.user WHERE User = 'app'")),
      ];
      const text = JSON.stringify(rows, null, 1);
      return password === undefined ? text : text.replaceAll(nativeHash(new Password(password)), 'HASH');
    },
  };
}
