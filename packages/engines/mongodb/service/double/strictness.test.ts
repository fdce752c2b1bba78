import { once } from 'node:events';
import { connect } from 'node:net';
import { serialize } from 'bson';
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dialects, type RunningMongodb, startMongodb } from '../index.ts';
import { crc32c } from './crc32c.ts';

let server: RunningMongodb;
let plain: RunningMongodb;
let documentdb: RunningMongodb;

beforeAll(async () => {
  [server, plain, documentdb] = await Promise.all([
    startMongodb(dialects.mongodb8),
    startMongodb(dialects.mongodb8, { tls: false }),
    startMongodb(dialects.documentdb5),
  ]);
  await server.double.run('admin', { createUser: 'nobody', pwd: 'first', roles: [] });
  await server.double.run('app', {
    createUser: 'keeper',
    pwd: 'first',
    roles: [
      { role: 'userAdmin', db: 'app' },
      { role: 'read', db: 'app' },
    ],
  });
  await server.double.run('admin', { createUser: 'only1', pwd: 'first', roles: [], mechanisms: ['SCRAM-SHA-1'] });
});
afterAll(() => Promise.all([server?.stop(), plain?.stop(), documentdb?.stop()]));

interface As {
  readonly to?: RunningMongodb;
  readonly user?: string;
  readonly password?: string;
  readonly db?: string;
  readonly authSource?: string;
}

/** What the vendor's driver is told. */
async function answerTo(command: Document, as: As = {}): Promise<string> {
  const to = as.to ?? server;
  const { username, password: given } = to.administrator;
  const { user = username, password = given, db = 'admin', authSource = 'admin' } = as;
  const client = new MongoClient(`mongodb://localhost:${to.port}/?directConnection=true`, {
    auth: { username: user, password },
    authSource,
    ...(to === plain ? {} : { tls: true, ca: to.ca }),
    retryWrites: false,
    serverSelectionTimeoutMS: 5000,
  });
  try {
    await client.db(db).command(command);
    return 'ok';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  } finally {
    await client.close();
  }
}

const keeper = { user: 'keeper', password: 'first', db: 'app', authSource: 'app' };
const nobody = { user: 'nobody', password: 'first' };
const user = { createUser: 'x', pwd: 'first', roles: [] };

describe('commands', () => {
  test.each<readonly [what: string, code: string, command: Document]>([
    ['that there is not', '59', { createAnything: 1 }],
    ['with an unknown field', '40415', { ...user, password: 'x' }],
    ['with a field of another type', '14', { ...user, pwd: 1 }],
    ['with a role list that is none', '14', { ...user, roles: 'read' }],
    ['without a field that must be', '40414', { createUser: 'x', pwd: 'first' }],
    ['with a role that is no name', '2', { ...user, roles: [{ role: 'read' }] }],
    ['with a role that there is not', '31', { ...user, roles: ['nothing'] }],
    ['with an empty name', '2', { ...user, createUser: '' }],
    ['without a password', '2', { createUser: 'x', roles: [] }],
    ['with an empty password', '2', { ...user, pwd: '' }],
    ['with a password that SASLprep prohibits', '2', { ...user, pwd: 'a\u0007b' }],
    ['with a mechanism that there is not', '2', { ...user, mechanisms: ['PLAIN'] }],
    ['with no mechanism', '2', { ...user, mechanisms: [] }],
    ['with a restriction that is no address', '2', { ...user, authenticationRestrictions: [{ clientSource: ['x'] }] }],
    ['with an unknown restriction', '2', { ...user, authenticationRestrictions: [{ client: ['::1'] }] }],
    ['that make a user that there is', '51003', { ...user, createUser: 'nobody' }],
    ['that change a user that there is not', '11', { updateUser: 'x', pwd: 'first' }],
    ['that change nothing of a user', '2', { updateUser: 'nobody' }],
    ['that widen mechanisms without a password', '2', { updateUser: 'only1', mechanisms: ['SCRAM-SHA-256'] }],
    ['that grant no role', '2', { grantRolesToUser: 'nobody', roles: [] }],
    ['that revoke a role that there is not', '31', { revokeRolesFromUser: 'nobody', roles: ['nothing'] }],
    ['that ask details of all users', '20', { usersInfo: 1, showAuthenticationRestrictions: true }],
    ['that make a role as built in', '2', { createRole: 'read', privileges: [], roles: [] }],
    [
      'that go on with a login that has not begun',
      '17',
      { saslContinue: 1, conversationId: 1, payload: Buffer.alloc(0) },
    ],
  ])('%s are refused: %s', async (_what, code, command) => {
    expect(await answerTo(command)).toBe(code);
  });

  test('the control: the same commands as they must be are taken', async () => {
    const right = { ...user, roles: ['userAdmin'], mechanisms: ['SCRAM-SHA-256'], customData: { a: 1 } };
    const restricted = { authenticationRestrictions: [{ clientSource: ['10.0.0.0/8', '::1'] }] };
    expect(await answerTo({ ...right, ...restricted, comment: 'x', writeConcern: { w: 'majority' } })).toBe('ok');
    expect(await answerTo({ updateUser: 'x', authenticationRestrictions: [], pwd: 'second' })).toBe('ok');
    expect(await answerTo({ revokeRolesFromUser: 'x', roles: ['userAdmin'] })).toBe('ok');
    expect(await answerTo({ dropUser: 'x' })).toBe('ok');
  });

  test.each<readonly [what: string, command: Document, as: As]>([
    ['own password', { updateUser: 'nobody', pwd: 'second' }, nobody],
    ['another one’s password', { updateUser: 'only1', pwd: 'second' }, nobody],
    ['a new user', { createUser: 'y', pwd: 'first', roles: [] }, nobody],
    ['another user’s rights', { usersInfo: 'only1' }, nobody],
    ['all users', { usersInfo: { forAllDBs: true } }, keeper],
    ['a user of another database', { updateUser: 'nobody', pwd: 'second' }, { ...keeper, db: 'admin' }],
    ['a role of another database', { ...user, roles: [{ role: 'read', db: 'archive' }] }, keeper],
    ['the whole list of roles, without every right to revoke', { updateUser: 'keeper', roles: [] }, keeper],
    [
      'a role of another database to revoke',
      { revokeRolesFromUser: 'keeper', roles: [{ role: 'read', db: 'x' }] },
      keeper,
    ],
    ['the server’s parameters', { getParameter: 1, authenticationMechanisms: 1 }, keeper],
  ])('without the right, %s is refused: 13', async (_what, command, as) => {
    expect(await answerTo(command, as)).toBe('13');
  });

  test('the control: with the right they are taken', async () => {
    expect(await answerTo({ ...user, createUser: 'z', roles: [{ role: 'read', db: 'app' }] }, keeper)).toBe('ok');
    expect(await answerTo({ updateUser: 'z', pwd: 'second' }, keeper)).toBe('ok');
    expect(await answerTo({ usersInfo: { forAllDBs: true } })).toBe('ok');
    expect(await answerTo({ usersInfo: 'nobody' }, nobody)).toBe('ok');
  });

  test.each<readonly [what: string, code: string, command: Document]>([
    ['customData', '303', { ...user, customData: {} }],
    ['mechanisms', '303', { ...user, mechanisms: ['SCRAM-SHA-1'] }],
    ['authenticationRestrictions', '303', { ...user, authenticationRestrictions: [] }],
    ['restrictions shown', '303', { usersInfo: 'x', showAuthenticationRestrictions: true }],
    ['retryable writes', '301', { ...user, txnNumber: 1 }],
  ])('DocumentDB knows no %s', async (_what, code, command) => {
    // txnNumber is refused before fields are looked at, as the server does it.
    expect(await answerTo(command, { to: documentdb })).toBe(code);
  });
});

describe('logins', () => {
  test.each([
    ['a wrong password', { user: 'nobody', password: 'wrong' }, '18'],
    ['a user that there is not', { user: 'nowhere', password: 'first' }, '18'],
    ['a user of another database', { user: 'keeper', password: 'first' }, '18'],
    ['the right one', nobody, 'ok'],
    ['a user with SCRAM-SHA-1 alone', { user: 'only1', password: 'first' }, 'ok'],
  ])('%s: %s', async (_what, as, outcome) => {
    expect(await answerTo({ ping: 1 }, as)).toBe(outcome);
  });

  test('a user logs in from where its restrictions say, and from nowhere else', async () => {
    const restrict = (source: string) =>
      server.double.run('admin', {
        updateUser: 'nobody',
        authenticationRestrictions: [{ clientSource: [source] }, { clientSource: ['192.0.2.0/24'] }],
      });
    await restrict('10.0.0.0/8');
    expect(await answerTo({ ping: 1 }, nobody)).toBe('18');
    await restrict('127.0.0.0/8');
    expect(await answerTo({ ping: 1 }, nobody)).toBe('ok');
    await server.double.run('admin', { updateUser: 'nobody', authenticationRestrictions: [] });
  });
});

const body = (document: object) => Buffer.from(serialize(document));

function message(sections: Buffer, { code = 2013, flags = 0, to = 0, length = 0 } = {}): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(length === 0 ? 20 + sections.length : length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(to, 8);
  head.writeInt32LE(code, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, sections]);
}

const section = (document: object) => Buffer.concat([Buffer.from([0]), body(document)]);
const ping = section({ ping: 1, $db: 'admin' });

function withChecksum(right: boolean): Buffer {
  const whole = message(ping, { flags: 1, length: 20 + ping.length + 4 });
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(right ? crc32c(whole) : 1, 0);
  return Buffer.concat([whole, sum]);
}

function legacyQuery(document: object, name = 'admin.$cmd'): Buffer {
  const rest = Buffer.concat([Buffer.alloc(4), Buffer.from(`${name}\0`), Buffer.alloc(8), body(document)]);
  const head = Buffer.alloc(16);
  head.writeInt32LE(16 + rest.length, 0);
  head.writeInt32LE(2004, 12);
  return Buffer.concat([head, rest]);
}

/** What comes back for these bytes, until the server ends the connection or has answered. */
async function heard(bytes: Buffer): Promise<Buffer | 'hung up'> {
  const socket = connect(plain.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  const first = await Promise.race([
    once(socket, 'data').then(([data]) => data as Buffer),
    once(socket, 'close').then(() => 'hung up' as const),
  ]);
  socket.destroy();
  return first;
}

describe('bytes', () => {
  test.each([
    ['a length of nothing', message(ping, { length: 1 })],
    ['a negative length', message(ping, { length: -1 })],
    ['a length beyond all bounds', message(ping, { length: 50_000_000 })],
    ['an answer to nobody', message(ping, { to: 5 })],
    ['a TLS handshake', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 1, 2, 3, 4, 5, 6, 7])],
    ['a web client', Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')],
    ['an unknown opcode', message(ping, { code: 2012 })],
    ['compression, which nobody has agreed on', message(ping, { code: 2012, flags: 2013 })],
    ['an unknown required flag', message(ping, { flags: 4 })],
    ['a wrong checksum', withChecksum(false)],
    ['no section', message(Buffer.alloc(0))],
    ['two bodies', message(Buffer.concat([ping, ping]))],
    ['an unknown kind of section', message(Buffer.concat([Buffer.from([7]), body({ ping: 1 })]))],
    ['a document that ends outside of its message', message(Buffer.from([0, 99, 0, 0, 0, 0]))],
    ['a document that is no BSON', message(Buffer.from([0, 8, 0, 0, 0, 0x7e, 65, 0, 0]))],
    [
      'a key twice',
      message(Buffer.concat([Buffer.from([0]), Buffer.from('170000001061000100000010610002000000020000', 'hex')])),
    ],
    ['a command for no database', message(section({ ping: 1 }))],
    ['a legacy query of a collection', legacyQuery({ a: 1 }, 'admin.system.users')],
  ])('%s ends the connection without a word', async (_what, bytes) => {
    expect(await heard(bytes)).toBe('hung up');
  });

  test('a legacy query that is no hello is refused', async () => {
    const answer = await heard(legacyQuery({ ping: 1 }));
    expect(answer.toString('latin1')).toContain('Unsupported OP_QUERY command');
  });

  test.each([
    ['a message', message(ping)],
    ['one with its checksum', withChecksum(true)],
    ['a legacy hello', legacyQuery({ ismaster: 1 })],
  ])('the control: %s is answered', async (_what, bytes) => {
    expect(await heard(bytes)).toBeInstanceOf(Buffer);
  });

  test('the checksum is the one of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});
