import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bareDriver } from './bare-driver.ts';
import { type RunningOracle, startOracle } from './index.ts';
import { acceptance, dataPackets } from './tns/packets.ts';

describe('logins and bytes', () => {
  let server: RunningOracle;
  beforeAll(async () => {
    server = await startOracle('19c', { tls: false });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    if (server.model.users.has('APP')) server.sql('DROP USER app CASCADE');
    await server.createUser('app', 'the password');
  });

  const logIn = (user: string, password: string) =>
    bareDriver
      .getConnection({
        user,
        password,
        connectString: `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT=${server.port}))(CONNECT_DATA=(SERVICE_NAME=keyturn)))`,
      })
      .then(
        async (connection) => {
          await connection.close();
          return 0;
        },
        (error: { readonly errorNum?: number }) => error.errorNum ?? Number.NaN,
      );

  test.each([
    ['app', 'the Password', 1017],
    ['app', 'the password ', 1017],
    ['"app"', 'the password', 1017],
    ['nobody', 'the password', 1017],
    ['SYS', 'the password', 28009],
    ['keyturn_owner', 'the password', 1017],
  ])('%s with %j is refused: ORA-%i', async (user, password, number) => {
    expect(await logIn(user, password)).toBe(number);
    // The control.
    expect(await logIn('app', 'the password')).toBe(0);
  });

  test('refused logins are counted, and the last that the profile allows locks the account for the right password too', async () => {
    server.sql('ALTER USER app PROFILE keyturn_app');
    server.sql('ALTER PROFILE keyturn_app LIMIT FAILED_LOGIN_ATTEMPTS 3');
    for (let i = 0; i < 2; i += 1) expect(await logIn('app', 'wrong')).toBe(1017);
    expect(await logIn('app', 'the password')).toBe(0);
    for (let i = 0; i < 3; i += 1) expect(await logIn('app', 'wrong')).toBe(1017);
    expect(await logIn('app', 'the password')).toBe(28000);
    expect(await server.refusedLogins?.('app')).toBe(5);
  });

  /** What the listener answers to these bytes until it hangs up. */
  async function answer(...pieces: readonly Buffer[]): Promise<Buffer> {
    const socket: Socket = connect({ host: '127.0.0.1', port: server.port });
    const heard: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => heard.push(bytes));
    for (const piece of pieces) socket.write(piece);
    await new Promise((resolve) => socket.once('close', resolve));
    return Buffer.concat(heard);
  }

  /** The packet in which a client says where it wants to go. */
  function hello(data = '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=keyturn)))'): Buffer {
    const bytes = Buffer.alloc(74 + data.length);
    bytes.writeUInt16BE(bytes.length, 0);
    bytes[4] = 1;
    bytes.writeUInt16BE(data.length, 24);
    bytes.writeUInt16BE(74, 26);
    bytes.write(data, 74, 'latin1');
    return bytes;
  }

  test.each<[string, readonly Buffer[]]>([
    ['a TLS handshake', [Buffer.from('16030100f8010000f40303', 'hex')]],
    ['a web client', [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]],
    ['a packet without a length', [Buffer.alloc(8, 0)]],
    ['data before the acceptance', [dataPackets(Buffer.from([1, 6, 0]))]],
    ['an acceptance from a client', [acceptance()]],
    ['a request before the login', [hello(), dataPackets(Buffer.from([3, 147, 1]))]],
    ['a message of no type', [hello(), dataPackets(Buffer.from([99, 0, 0]))]],
    ['a function of no number', [hello(), dataPackets(Buffer.from([3, 250, 1]))]],
    ['a protocol of another age', [hello(), dataPackets(Buffer.from([1, 5, 0, 120, 0]))]],
    ['a request with more behind it', [hello(), dataPackets(Buffer.from([1, 6, 0, 120, 0, 7, 7]))]],
    [
      'an answer without a challenge',
      [hello(), dataPackets(Buffer.from([3, 115, 1, 1, 1, 3, 1, 1, 1, 0, 1, 1, 3, 65, 80, 80]))],
    ],
  ])('%s ends the connection', async (_name, pieces) => {
    const before = server.log().length;
    await answer(...pieces);
    expect(server.log().slice(before)).toContain('protocol error');
    expect(await logIn('app', 'the password')).toBe(0);
  });

  test('the listener refuses what it does not know by its numbers', async () => {
    expect((await answer(hello('(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=x)))'))).toString()).toContain('(ERR=12514)');
    expect((await answer(hello('(DESCRIPTION=(CONNECT_DATA=(SID=x)))'))).toString()).toContain('(ERR=12505)');
    expect((await answer(hello('(DESCRIPTION=(CONNECT_DATA=))'))).toString()).toContain('(ERR=12504)');
  });

  test('a password that is changed over the wire needs the one before it', async () => {
    const connection = await bareDriver.getConnection({
      user: 'app',
      password: 'the password',
      connectString: `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT=${server.port}))(CONNECT_DATA=(SERVICE_NAME=keyturn)))`,
    });
    await expect(connection._impl.changePassword('app', 'wrong', 'another one')).rejects.toMatchObject({
      errorNum: 28008,
    });
    await expect(
      connection._impl.changePassword('keyturn_proxy', 'the proxy of the double', 'another'),
    ).rejects.toMatchObject({ errorNum: 1031 });
    await connection._impl.changePassword('app', 'the password', 'another one');
    await connection.close();
    expect(await logIn('app', 'another one')).toBe(0);
  });

  test('the log shows no password', () => {
    server.sql('CREATE USER logged IDENTIFIED BY "taint-in-the-log"');
    expect(server.log()).not.toContain('taint-in-the-log');
  });
});
