import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedshift } from './redshift-double.ts';
import type { RunningRedshift } from './running-redshift.ts';
import { openClientOptions, runAs } from './test-client.ts';

let server: RunningRedshift;
const password = 'Strict-password-1';
beforeAll(async () => {
  server = await startRedshift();
  await server.createUser('app', password);
  await server.createUser('other', password);
  await server.execute(
    "CREATE TABLE t (a int); CREATE GROUP g; CREATE ROLE r; CREATE USER boss PASSWORD DISABLE; ALTER USER boss CREATEUSER PASSWORD 'md50123456789abcdef0123456789abcdef'",
  );
});
afterAll(() => server?.stop());

const asSuperuser = (sql: string) => runAs(server, server.administrator.username, server.administrator.password, sql);
const asUser = (sql: string) => runAs(server, 'app', password, sql);

test('reports itself as Redshift', async () => {
  const [answer] = await asUser('SELECT version()');
  expect(Object.values(answer?.rows[0] ?? {})[0]).toMatch(/^PostgreSQL 8\.0\.2 on .*, Redshift 1\.0\.\d+$/);
});

describe('refuses what Redshift has not', () => {
  test.each([
    ['DO $$ BEGIN NULL; END $$', '42601'],
    ["CREATE ROLE x LOGIN PASSWORD 'Abcdefg1'", '42601'],
    ['ALTER ROLE app SET search_path TO public', '42601'],
    ["ALTER USER app PASSWORD E'md50123456789abcdef0123456789abcdef'", '42601'],
    ['ALTER USER app WITH SUPERUSER', '42601'],
    ['ALTER USER app IN DATABASE dev SET search_path TO public', '42601'],
    ['CREATE USER x', '42601'],
    ["CREATE USER x PASSWORD 'Abcdefg1' REPLICATION", '42601'],
    ['GRANT g TO app', '42601'],
    ['GRANT CONNECT ON DATABASE dev TO app', '0LP01'],
    ['GRANT TRIGGER ON t TO app', '0LP01'],
    ['GRANT USAGE ON TYPE mood TO app', '0LP01'],
    ['GRANT SELECT ON t TO GROUP g WITH GRANT OPTION', '0LP01'],
    ['GRANT SELECT (a) ON t TO app WITH GRANT OPTION', '42601'],
    ['GRANT CREATE USER TO app', '0A000'],
    ['GRANT SELECT FOR TABLES IN SCHEMA public TO GROUP g', '0A000'],
    ['GRANT ROLE r TO app WITH GRANT OPTION', '42601'],
    ['REVOKE GRANT OPTION FOR ROLE r FROM app', '42601'],
    ['REVOKE SELECT ON t FROM app CASCADE', '42601'],
    ['SET ROLE r', '42704'],
    ['SELECT json_agg(a) FROM t', '42883'],
    ["SELECT string_agg('a', ',')", '42883'],
    ['SELECT rolname FROM pg_catalog.pg_roles', '42P01'],
    ['SELECT rolpassword FROM pg_authid', '42P01'],
    ['SELECT passwd FROM pg_shadow', '42P01'],
    ['SELECT U&"a"', '42601'],
    ["SELECT 'a' /* b */", '42601'],
    ['SELECT 1 FROM t, LATERAL (SELECT 2) AS x', '42601'],
    ['SAVEPOINT s', '42601'],
    ['COPY t FROM STDIN', '42601'],
    ["SET password_encryption TO 'scram-sha-256'", '42704'],
    ['SELECT kind FROM redshift_model.grants', '42501'],
    ['SELECT valuntil::varchar FROM pg_user', '42846'],
  ])('%s', async (sql, code) => {
    await expect(asUser(sql)).rejects.toMatchObject({ code });
  });

  test('a name over 127 bytes', async () => {
    await expect(asSuperuser(`CREATE USER "${'x'.repeat(128)}" PASSWORD DISABLE`)).rejects.toMatchObject({
      code: '42622',
    });
  });

  test.each([
    'short1A',
    'nouppercase1',
    'NOLOWERCASE1',
    'NoDigitsHere',
    "With'quote1",
    'With/slash1',
    'With@sign1',
    'With space1',
    `${'Aa1'.repeat(22)}`,
  ])('the password %s in clear text', async (text) => {
    const quoted = `'${text.replaceAll("'", "''")}'`;
    await expect(asUser(`ALTER USER app PASSWORD ${quoted}`)).rejects.toMatchObject({ code: '22023' });
  });

  test.each([
    'sha256|abc|def',
    `sha256|${'0'.repeat(64)}|${'0'.repeat(63)}`,
    'md50123',
    `sha256|${'A'.repeat(64)}|${'0'.repeat(64)}`,
  ])('the digest %s', async (digest) => {
    await expect(asUser(`ALTER USER app PASSWORD '${digest}'`)).rejects.toMatchObject({ code: '22023' });
  });

  test('a whole text when a part of it cannot be read', async () => {
    await expect(asSuperuser('GRANT SELECT ON t TO other; SELECT $1')).rejects.toMatchObject({ code: '42601' });
    expect(await server.rightsOf('other')).not.toContain('SELECT ON public.t');
    // Control: the same without the unreadable part.
    await asSuperuser('GRANT SELECT ON t TO other; SELECT 1');
    expect(await server.rightsOf('other')).toContain('SELECT ON public.t');
  });
});

describe('refuses whom Redshift refuses', () => {
  test.each([
    ["ALTER USER other PASSWORD 'md50123456789abcdef0123456789abcdef'", '42501'],
    ['ALTER USER app CREATEDB', '42501'],
    ['ALTER USER app CREATEUSER', '42501'],
    ['ALTER USER app PASSWORD DISABLE', '42501'],
    ['CREATE USER x PASSWORD DISABLE', '42501'],
    ['DROP USER other', '42501'],
    ['CREATE GROUP x', '42501'],
    ['ALTER GROUP g ADD USER app', '42501'],
    ['CREATE ROLE x', '42501'],
    ['GRANT ROLE r TO app', '42501'],
    ['GRANT SELECT ON t TO app', '42501'],
    ['GRANT DROP ON t TO app', '42501'],
    ['ALTER DEFAULT PRIVILEGES FOR USER other GRANT SELECT ON TABLES TO app', '42501'],
    ['CREATE DATASHARE x', '42501'],
  ])('an ordinary user: %s', async (sql, code) => {
    await expect(asUser(sql)).rejects.toMatchObject({ code });
  });

  test('an ordinary user sees its own rights, and not those of others', async () => {
    await asSuperuser('GRANT SELECT ON t TO app; GRANT SELECT ON t TO other');
    const names =
      "SELECT DISTINCT identity_name FROM svv_relation_privileges WHERE relation_name = 't' AND identity_type = 'user'";
    const [mine] = await asUser(names);
    expect(mine?.rows).toEqual([{ identity_name: 'app' }]);
    const [all] = await asSuperuser(names);
    expect(all?.rows.map(({ identity_name: name }) => name)).toEqual(expect.arrayContaining(['app', 'other']));
  });

  test('who has ALTER USER through a role alters users, and no superuser', async () => {
    await asSuperuser('GRANT ROLE sys:secadmin TO app');
    await asUser("ALTER USER other PASSWORD 'Strict-password-1'");
    await expect(asUser("ALTER USER boss PASSWORD 'Strict-password-1'")).rejects.toMatchObject({ code: '42501' });
    await asSuperuser('REVOKE ROLE sys:secadmin FROM app');
  });

  test.each([
    ['a wrong password', 'app', 'Wrong-password-1', 'dev', '28000'],
    ['a user that there is not', 'nobody', password, 'dev', '28000'],
    ['a database that there is not', 'app', password, 'nowhere', '3D000'],
    ['the database of the PostgreSQL below', 'app', password, 'postgres', '3D000'],
    ['the superuser of the PostgreSQL below', 'keyturn_superuser', password, 'dev', '28000'],
  ])('%s', async (_name, user, word, database, code) => {
    const client = openClientOptions(server, user, word, database);
    await expect(client.connect()).rejects.toMatchObject({ code });
    await client.end();
  });
});

describe('refuses bytes that are no message', () => {
  /** What the server says to these bytes, before it closes. */
  async function answerTo(bytes: Buffer): Promise<string> {
    const socket = connect(server.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk)).on('error', () => {});
    socket.end(bytes);
    await once(socket, 'close');
    return Buffer.concat(received).toString('latin1');
  }

  test.each([
    ['another protocol version', Buffer.from('0000000800020000', 'hex')],
    ['a start of a gigabyte', Buffer.from('4000000000030000', 'hex')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('%s gets no answer', async (_name, bytes) => {
    expect(await answerTo(bytes)).toBe('');
  });

  test('a login without TLS is refused before any password', async () => {
    const startup = Buffer.concat([
      Buffer.from('0000001700030000', 'hex'),
      Buffer.from('user\0app\0x\0y\0\0', 'latin1'),
    ]);
    startup.writeInt32BE(startup.length, 0);
    const answer = await answerTo(startup);
    expect(answer).toContain('C28000');
    expect(answer).toContain('RClientAuthentication');
  });

  test('the extended protocol', async () => {
    const client = openClientOptions(server, 'app', password);
    await client.connect();
    client.on('error', () => {});
    await expect(client.query('SELECT $1::int', [1])).rejects.toThrow();
    await client.end().catch(() => {});
  });
});

test('a failed transaction takes nothing but its end', async () => {
  const client = openClientOptions(server, server.administrator.username, server.administrator.password);
  await client.connect();
  await client.query('BEGIN');
  await client.query('GRANT INSERT ON t TO other');
  await expect(client.query('GRANT SELECT ON nowhere TO other')).rejects.toMatchObject({ code: '42P01' });
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
  await client.query('COMMIT');
  expect(await server.rightsOf('other')).not.toContain('INSERT ON public.t');
  await client.end();
});

test('refused logins are counted', async () => {
  const before = await server.refusedLogins('app');
  const client = openClientOptions(server, 'app', 'Wrong-password-1');
  await expect(client.connect()).rejects.toMatchObject({ code: '28000' });
  await client.end();
  expect(await server.refusedLogins('app')).toBe(before + 1);
});
