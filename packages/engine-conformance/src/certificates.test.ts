import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { type Authority, makeAuthority, type SignOptions } from './certificates.ts';

const hour = 3_600_000;

/** What a verifying client says to a server with this certificate: `verified`, or the error's code. */
async function verdict(signer: Authority, options: SignOptions, trusted: Authority, name: string): Promise<string> {
  const { certificate: cert, key } = signer.sign(options);
  const server = tls.createServer({ cert, key }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = tls.connect({
    host: '127.0.0.1',
    port,
    ca: trusted.certificate,
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
  });
  try {
    await once(client, 'secureConnect');
    return 'verified';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    client.destroy();
    server.close();
  }
}

describe('a certificate', () => {
  const authority = makeAuthority('Tests');

  test.each(['localhost', '127.0.0.1', '::1'])('holds %s by default', async (name) => {
    expect(await verdict(authority, {}, authority, name)).toBe('verified');
  });

  test('holds the hosts it is given, names and addresses, and no others', async () => {
    const hosts = ['db.example', '192.0.2.7', '2001:db8::c0de:1'];
    for (const name of hosts) expect(await verdict(authority, { hosts }, authority, name)).toBe('verified');
    expect(await verdict(authority, { hosts }, authority, 'localhost')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('of another authority of the same name is not trusted', async () => {
    const other = makeAuthority('Tests');
    expect(await verdict(other, {}, authority, 'localhost')).not.toBe('verified');
  });

  test('can have expired, or not begun', async () => {
    const [past, future] = [new Date(Date.now() - hour), new Date(Date.now() + hour)];
    const expired = { notBefore: new Date(Date.now() - 2 * hour), notAfter: past };
    expect(await verdict(authority, expired, authority, 'localhost')).toBe('CERT_HAS_EXPIRED');
    expect(await verdict(authority, { notBefore: future }, authority, 'localhost')).toBe('CERT_NOT_YET_VALID');
  });

  test('may sign no other certificate', () => {
    expect(new X509Certificate(authority.sign().certificate).ca).toBe(false);
    expect(new X509Certificate(authority.certificate).ca).toBe(true);
  });

  test('takes dates beyond 2049', () => {
    const { certificate } = authority.sign({ notAfter: new Date('2061-07-28T00:00:00Z') });
    expect(new X509Certificate(certificate).validToDate).toEqual(new Date('2061-07-28T00:00:00Z'));
  });
});
