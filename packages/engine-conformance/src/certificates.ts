import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, element, identifier, integer, octets, sequence, set, time, truth, utf8 } from './der.ts';
import type { ServerCertificate } from './service.ts';

/** A certificate authority of one test run; its key never leaves the process. */
export interface Authority {
  /** PEM of the authority's own certificate, for clients to trust. */
  readonly certificate: string;
  /** Signs a certificate for a server, with a new key. */
  sign(options?: SignOptions): ServerCertificate;
}

export interface SignOptions {
  /** Host names and IP addresses that the certificate holds. @default - localhost, 127.0.0.1 and ::1 */
  readonly hosts?: readonly string[];
  /** @default - an hour ago */
  readonly notBefore?: Date;
  /** A time in the past makes an expired certificate. @default - tomorrow */
  readonly notAfter?: Date;
}

const hour = 3_600_000;
const ecdsaWithSha256 = sequence(identifier('1.2.840.10045.4.3.2'));

/** Makes an authority with a new P-256 key. Two authorities of the same name do not vouch for each other. */
export function makeAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const authority = { name, publicKey, privateKey };
  const certificate = signed({
    issuer: authority,
    subject: name,
    publicKey,
    notBefore: new Date(Date.now() - 2 * hour),
    notAfter: new Date(Date.now() + 48 * hour),
    extensions: [
      extension('2.5.29.19', sequence(truth()), 'critical'),
      // keyCertSign and cRLSign
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), 'critical'),
    ],
  });
  return { certificate, sign: (options = {}) => signServer(authority, options) };
}

interface Issuer {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function signServer(issuer: Issuer, options: SignOptions): ServerCertificate {
  const hosts = options.hosts ?? ['localhost', '127.0.0.1', '::1'];
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = signed({
    issuer,
    // Clients must go by the alternative names: the subject holds none.
    subject: 'a server of the Keyturn tests',
    publicKey,
    notBefore: options.notBefore ?? new Date(Date.now() - hour),
    notAfter: options.notAfter ?? new Date(Date.now() + 24 * hour),
    extensions: [
      extension('2.5.29.19', sequence(), 'critical'),
      // digitalSignature
      extension('2.5.29.15', bits(Buffer.from([0x80]), 7), 'critical'),
      // extended key usage: serverAuth
      extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
    ],
  });
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Unsigned {
  readonly issuer: Issuer;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280, 4.1: the certificate that `issuer` signs, as PEM. */
function signed(unsigned: Unsigned): string {
  const { issuer, publicKey } = unsigned;
  const version3 = element(0xa0, integer(Buffer.from([2])));
  const serial = randomBytes(16);
  const identifiers = [
    extension('2.5.29.14', octets(keyIdentifier(publicKey))),
    extension('2.5.29.35', sequence(element(0x80, keyIdentifier(issuer.publicKey)))),
  ];
  const body = sequence(
    version3,
    integer(serial),
    ecdsaWithSha256,
    commonName(issuer.name),
    sequence(time(unsigned.notBefore), time(unsigned.notAfter)),
    commonName(unsigned.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...unsigned.extensions, ...identifiers)),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuer.privateKey)));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function extension(oid: string, value: Uint8Array, critical?: 'critical'): Buffer {
  return sequence(identifier(oid), ...(critical === undefined ? [] : [truth()]), octets(value));
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(identifier('2.5.4.3'), utf8(name))));
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 0) return element(0x82, Buffer.from(host, 'ascii'));
  return element(0x87, isIP(host) === 4 ? Buffer.from(host.split('.').map(Number)) : ipv6(host));
}

function ipv6(address: string): Buffer {
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [head = '', tail] = address.split('::');
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  return Buffer.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]));
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}
