import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSqlServer } from '../service/index.ts';
import { clone, compare, pairOf } from '../service/test-twins.ts';

/** The statements of the README's fences, with a password in the place of the dots. */
async function statements(): Promise<readonly string[]> {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  return [...readme.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = '']) =>
    sql.replaceAll('…', 'Readme-password-1').replaceAll(/--.*$/gm, ''),
  );
}

test('a master with what the README grants makes a twin of a user with roles and rights in two databases', async () => {
  const server = await startSqlServer();
  try {
    const [login = '', rights = ''] = await statements();
    const [onServer, inDatabase] = [
      rights.split('CREATE USER')[0] ?? '',
      `CREATE USER${rights.split('CREATE USER')[1]}`,
    ];
    await server.execute(login);
    await server.execute(onServer);
    for (const database of ['app', 'archive']) await server.execute(`USE ${database}; ${inDatabase}`);
    await server.createUser('app1', 'Any-password-1');
    await server.execute('CREATE SERVER ROLE auditors; ALTER SERVER ROLE auditors ADD MEMBER app1');
    await server.execute('USE archive; CREATE USER app1 FOR LOGIN app1; ALTER ROLE db_datareader ADD MEMBER app1');
    await server.execute('USE app; GRANT SELECT ON SCHEMA::sales TO app1 WITH GRANT OPTION; DENY CREATE TABLE TO app1');
    const master = { username: 'rotation_master', password: 'Readme-password-1', database: 'master' };
    expect((await clone(server, pairOf('app1'), { master })).created).toBe(true);
    expect(await compare(server, pairOf('app1'), { master })).toEqual([]);
    expect(await server.rightsOf('app1_clone')).toEqual(await server.rightsOf('app1'));
    // Control: without the last of them, the same call says what is missing.
    await server.execute(
      'USE archive; ALTER ROLE db_owner DROP MEMBER rotation_master; ALTER ROLE db_datareader DROP MEMBER app1',
    );
    await expect(clone(server, pairOf('app1'), { master })).rejects.toMatchObject({ code: 'missing-privilege' });
  } finally {
    await server.stop();
  }
});
