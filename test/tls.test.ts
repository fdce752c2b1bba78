import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { CertificateAuthorities, RotationFunction, singleUser, type VerifiedTls, verifiedTls } from '@keyturn/core';
import { MemoryDatabase, makeAuthority, type SignOptions } from '@keyturn/engine-conformance';
import { afterAll, describe, expect, test } from 'vitest';

const trusted = makeAuthority('Trusted');
const other = makeAuthority('Other');
const servers: tls.Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Connects to a server with this certificate as a driver would, and says how the handshake ended. */
async function handshake(
  options: Omit<VerifiedTls, 'secureContext'>,
  sign: SignOptions = {},
  authority = trusted,
): Promise<string> {
  const { certificate, key } = authority.sign(sign);
  const server = tls.createServer({ cert: certificate, key }, (socket) => socket.end());
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  server.on('tlsClientError', () => {});
  const { port } = server.address() as AddressInfo;
  const socket = tls.connect({ port, ...options });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => resolve('connected'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
  });
}

const given = new CertificateAuthorities([trusted.certificate], () => [other.certificate]);

describe('verified TLS', () => {
  test.each([
    ['db.example', { hosts: ['db.example'] }],
    ['db.example.', { hosts: ['db.example'] }],
    ['DB.Example', { hosts: ['db.example'] }],
    ['a.db.example', { hosts: ['*.db.example'] }],
    ['127.0.0.1', { hosts: ['127.0.0.1'] }],
    ['::1', { hosts: ['::1'] }],
  ])('connects to %s with a certificate for it', async (host, sign) => {
    expect(await handshake(verifiedTls(host, given), sign)).toBe('connected');
  });

  test.each([
    ['db.example', { hosts: ['db2.example'] }],
    ['a.b.db.example', { hosts: ['*.db.example'] }],
    ['127.0.0.1', { hosts: ['localhost'] }],
    ['127.0.0.1', { hosts: ['127.0.0.2'] }],
    ['localhost', { hosts: ['127.0.0.1'] }],
  ])('refuses %s with a certificate for %j', async (host, sign) => {
    expect(await handshake(verifiedTls(host, given), sign)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('the control: for an IP address, Node without our check takes a certificate for localhost', async () => {
    const { checkServerIdentity: _, ...unchecked } = verifiedTls('127.0.0.1', given);
    const options = unchecked as VerifiedTls;
    expect(await handshake(options, { hosts: ['localhost'] })).toBe('connected');
  });

  test('refuses an authority that is not given, though the engine names it', async () => {
    expect(await handshake(verifiedTls('localhost', given), {}, other)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('trusts the engine’s authorities where none is given, and the system’s', async () => {
    const builtIn = new CertificateAuthorities(undefined, () => [other.certificate]);
    expect(await handshake(verifiedTls('localhost', builtIn), {}, other)).toBe('connected');
    expect(await handshake(verifiedTls('localhost', builtIn), {}, trusted)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(builtIn.list().length).toBeGreaterThan(100);
  });

  test('refuses a certificate that has expired', async () => {
    const notAfter = new Date(Date.now() - 60_000);
    const notBefore = new Date(Date.now() - 120_000);
    expect(await handshake(verifiedTls('localhost', given), { notAfter, notBefore })).toBe('CERT_HAS_EXPIRED');
  });
});

describe('the authorities that a user gives', () => {
  const rotate = (env: NodeJS.ProcessEnv, ca?: string | string[]) =>
    new RotationFunction(singleUser(new MemoryDatabase().engine()), { env, tls: { ca } }).handler({
      Step: 'createSecret',
      SecretId: 'x',
      ClientRequestToken: 'y',
    });

  test.each([
    ['a file that is not there', async () => ({ TLS_CA_FILE: '/nowhere/ca.pem' })],
    ['a file that is no certificate', async () => ({ TLS_CA_FILE: await fileWith('no certificate') })],
    ['text that is no certificate', async () => ({ TLS_CA_PEM: 'no certificate' })],
    [
      'a good certificate and one cut off',
      async () => ({ TLS_CA_PEM: trusted.certificate + other.certificate.slice(0, 200) }),
    ],
    ['a certificate cut off', async () => ({ TLS_CA_PEM: trusted.certificate.slice(0, 200) })],
  ])('are refused before anything is done: %s', async (_name, env) => {
    await expect(rotate(await env())).rejects.toMatchObject({ code: 'invalid-configuration' });
  });
});

async function fileWith(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'keyturn-test-')), 'ca.pem');
  await writeFile(file, text);
  return file;
}
