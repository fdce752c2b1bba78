import { Password } from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doubleVersions, type RunningDouble, startDouble } from '../service/index.ts';
import { failureOf, limits, loginTo, markedPassword } from '../service/test-logins.ts';
import { mysql } from './index.ts';

const engine = mysql();

describe.each(doubleVersions)('on %s', (version) => {
  let server: RunningDouble;
  beforeAll(async () => {
    server = await startDouble(version);
  });
  afterAll(() => server?.stop());

  const make = async (clause: string, host = '%') => {
    await server.execute(`DROP USER IF EXISTS app@'${host}'`);
    await server.execute(`CREATE USER app@'${host}' ${clause}`);
  };
  const change = async (current: string, next: string) => {
    const connection = await engine.connect(loginTo(server, 'app', current), limits());
    await engine
      .changeOwnPassword(connection, new Password(next), new Password(current))
      .finally(() => engine.close(connection));
  };
  const reset = async (next: string) => {
    const { username, password } = server.administrator;
    const connection = await engine.connect(loginTo(server, username, password), limits());
    await engine.admin?.resetPassword(connection, 'app', new Password(next)).finally(() => engine.close(connection));
  };
  const forms = [
    { form: 'own', run: (next: string) => change('first', next) },
    { form: 'master', run: reset },
  ];

  describe.each(forms)('in the $form form', ({ form, run }) => {
    test('the new password logs in, and the old one does not', async () => {
      await make("IDENTIFIED BY 'first'");
      await run('second');
      expect(await server.logsIn('app', 'second')).toBe(true);
      expect(await server.logsIn('app', 'first')).toBe(false);
    });

    test('the plugin, TLS demands, limits, expiry and password options stay', async () => {
      const plugins = server.model.version.plugins.filter((plugin) => plugin.endsWith('_password'));
      expect(plugins.length).toBeGreaterThan(1);
      const options = server.model.version.hasRoles ? 'PASSWORD HISTORY 3 PASSWORD REUSE INTERVAL 2 DAY' : '';
      for (const plugin of plugins) {
        await make(
          `IDENTIFIED WITH ${plugin} BY 'first' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 500 PASSWORD EXPIRE INTERVAL 90 DAY ${options}`,
        );
        const before = await server.rightsOf?.('app');
        await run('second');
        expect(await server.rightsOf?.('app')).toEqual(before);
        expect(before?.join()).toContain(plugin);
        expect(await server.logsIn('app', 'second')).toBe(true);
      }
    });

    test('any character that a password may hold is kept, whatever the sql_mode', async () => {
      const { characters } = engine.passwords;
      const hostile = [characters, "'; DROP USER app@'%'; -- ", '\\', "\\'", '"', '``'];
      for (const password of hostile) {
        await make("IDENTIFIED BY 'first'");
        await run(password);
        expect(await server.logsIn('app', password)).toBe(true);
      }
    });

    test('the log of the server shows no password', async () => {
      const [current, next] = [markedPassword(), markedPassword()];
      await make(`IDENTIFIED BY '${current}'`);
      await (form === 'own' ? change(current, next) : reset(next));
      expect(server.log()).toContain(form === 'own' ? 'IDENTIFIED BY <secret>' : "IDENTIFIED WITH '");
      expect(server.log()).not.toContain(next);
    });
  });

  test('the master changes every host row of the user, and the user only its own', async () => {
    for (const host of ['%', '10.%']) await make("IDENTIFIED BY 'first'", host);
    const verifiers = () => ['%', '10.%'].map((host) => server.model.find({ user: 'app', host })?.verifier);
    const [, other] = verifiers();
    await change('first', 'second');
    expect(verifiers()[1]).toBe(other);
    await reset('third');
    expect(await server.hasPassword('app', 'third')).toBe(true);
    await server.execute("DROP USER app@'10.%'");
  });

  test('a user that is asked for its current password says it', async () => {
    if (!server.model.version.hasRoles) return;
    await make("IDENTIFIED BY 'first' PASSWORD REQUIRE CURRENT");
    await change('first', 'second');
    expect(await server.logsIn('app', 'second')).toBe(true);
    expect(server.log()).toContain('REPLACE <secret>');
  });

  test('without TLS the user does not tell its new password', async () => {
    await make("IDENTIFIED WITH sha256_password BY 'first'");
    const asked = await failureOf(engine.connect(loginTo(server, 'app', 'first', { tls: false }), limits()));
    expect(asked).toMatchObject({ code: 'auth-method-unsupported' });
    if (!server.model.version.plugins.includes('mysql_native_password')) return;
    await make("IDENTIFIED WITH mysql_native_password BY 'first'");
    const connection = await engine.connect(loginTo(server, 'app', 'first', { tls: false }), limits());
    const failure = await failureOf(engine.changeOwnPassword(connection, new Password('x'), new Password('first')));
    await engine.close(connection);
    expect(failure).toMatchObject({ code: 'invalid-configuration', user: 'app' });
  });
});
