import { Password } from '@keyturn/core';
import { hostileKinds, makeAuthority, startTlsTrap, type TlsTrap } from '@keyturn/engine-conformance';
import { startPostgres, trapActor } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../service/running-postgres.ts';
import { limits, loginTo } from '../service/test-login.ts';
import { postgres } from './index.ts';

const engine = postgres();
const sslRequest = Buffer.from('0000000804d2162f', 'hex');

const codes = {
  'no-tls': 'tls-not-offered',
  untrusted: 'tls-untrusted',
  expired: 'tls-untrusted',
  'wrong-host': 'tls-wrong-host',
} as const;

describe.each(hostileKinds)('a server with the fault %s', (kind) => {
  async function trapped(act: (trap: TlsTrap) => Promise<void>): Promise<void> {
    const trap = await startTlsTrap(kind, trapActor('scram'));
    try {
      await act(trap);
    } finally {
      await trap.close();
    }
  }

  test.each(['localhost', '127.0.0.1'])('gets no byte of the login, by the host %s', async (host) => {
    await trapped(async (trap) => {
      const error: unknown = await engine
        .connect(loginTo(trap, 'taint-user', 'taint', { host }), limits())
        .catch((e) => e);
      await trap.quiet();
      expect(error).toMatchObject({ code: codes[kind], endpoint: `${host}:${trap.port}` });
      expect(trap.connections).toBe(1);
      expect(trap.decrypted().length).toBe(0);
      const received = trap.received();
      expect(received.subarray(0, 8)).toEqual(sslRequest);
      if (kind === 'no-tls') expect(received.length).toBe(8);
      expect(received.includes('taint-user')).toBe(false);
    });
  });

  test('control: a client that does not verify sends its proof', async () => {
    await trapped(async (trap) => {
      const login = loginTo(trap, 'taint-user', 'taint');
      const careless =
        login.tls === false || kind === 'no-tls'
          ? (false as const)
          : { ...login.tls, rejectUnauthorized: false, checkServerIdentity: () => undefined };
      await engine.connect({ ...login, tls: careless }, limits()).catch(() => {});
      await trap.quiet();
      const heard = kind === 'no-tls' ? trap.received() : trap.decrypted();
      expect(heard.includes('taint-user')).toBe(true);
      // The last message of SCRAM: the proof.
      expect(heard.includes(',p=')).toBe(true);
    });
  });
});

test('a server with a good certificate gets the proof', async () => {
  const trap = await startTlsTrap('trusted', trapActor('scram'));
  await engine.connect(loginTo(trap, 'app', 'secret'), limits()).catch(() => {});
  await trap.quiet();
  expect(trap.decrypted().includes(',p=')).toBe(true);
  await trap.close();
});

describe('without TLS, because the secret says so', () => {
  test('a server that asks for the password in clear text does not get it', async () => {
    const trap = await startTlsTrap('no-tls', trapActor('cleartext'));
    const login = loginTo(trap, 'app', 'taint-cleartext', { tls: false });
    await expect(engine.connect(login, limits())).rejects.toMatchObject({ code: 'auth-method-unsupported' });
    await trap.quiet();
    expect(trap.received().includes('taint-cleartext')).toBe(false);
    await trap.close();
  });

  test('control: over TLS, to a server that is verified, it does', async () => {
    const trap = await startTlsTrap('trusted', trapActor('cleartext'));
    await engine.connect(loginTo(trap, 'app', 'taint-cleartext'), limits()).catch(() => {});
    await trap.quiet();
    expect(trap.decrypted().includes('taint-cleartext')).toBe(true);
    await trap.close();
  });
});

describe('a real server', () => {
  const authority = makeAuthority('Keyturn tests');
  const hour = 3_600_000;
  let server: RunningPostgres;
  beforeAll(async () => {
    const notAfter = new Date(Date.now() - hour);
    const certificate = authority.sign({ notBefore: new Date(Date.now() - 2 * hour), notAfter });
    server = await startPostgres('18', { certificate });
    await server.createUser('app', 'first');
  });
  afterAll(() => server?.stop());

  test('is refused when its certificate has expired', async () => {
    const login = loginTo({ port: server.port, ca: authority.certificate }, 'app', 'first');
    await expect(engine.connect(login, limits())).rejects.toMatchObject({
      code: 'tls-untrusted',
      driverCode: 'CERT_HAS_EXPIRED',
    });
  });

  test('is refused when it offers no TLS, and is used so only on purpose', async () => {
    const plain = await startPostgres('18', { tls: false });
    try {
      await plain.createUser('app', 'first');
      const login = loginTo(plain, 'app', 'first');
      await expect(engine.connect(login, limits())).rejects.toMatchObject({ code: 'tls-not-offered' });
      const connection = await engine.connect({ ...login, tls: false }, limits());
      await engine.changeOwnPassword(connection, new Password('second'), login.password);
      await engine.close(connection);
      expect(await plain.logsIn('app', 'second')).toBe(true);
    } finally {
      await plain.stop();
    }
  });

  test('with a good certificate is taken by name and by address', async () => {
    const good = await startPostgres('18');
    try {
      await good.createUser('app', 'first');
      for (const host of ['localhost', 'LOCALHOST', '127.0.0.1']) {
        const connection = await engine.connect(loginTo(good, 'app', 'first', { host }), limits());
        const rows = await connection.run('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
        expect(rows).toEqual([{ ssl: true }]);
        await engine.close(connection);
      }
    } finally {
      await good.stop();
    }
  });

  test("is verified for the host of the login, whatever the driver's environment says", async () => {
    process.env.PGSSLMODE = 'no-verify';
    process.env.PGSSLNEGOTIATION = 'direct';
    process.env.PGDATABASE = 'nowhere';
    try {
      const login = loginTo({ port: server.port, ca: authority.certificate }, 'app', 'first');
      await expect(engine.connect(login, limits())).rejects.toMatchObject({ code: 'tls-untrusted' });
    } finally {
      delete process.env.PGSSLMODE;
      delete process.env.PGSSLNEGOTIATION;
      delete process.env.PGDATABASE;
    }
  });
});
