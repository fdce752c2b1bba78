import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';

/** Where a server is that somebody has, and who its administrator is. */
export interface ServiceUrl {
  readonly host: string;
  readonly port: number;
  readonly administrator: { readonly username: string; readonly password: string };
  /** The path of the URL without its slash; undefined where there is none. */
  readonly database: string | undefined;
  /** PEM: the file that `?ca=` names, or else the authorities that Node and the system trust. */
  readonly ca: string;
  /** `false` for `?tls=off`: the server is reached in the clear. */
  readonly tls: boolean;
}

/**
 * Reads the URL of a server, as `KEYTURN_TEST_<ENGINE>_URL` gives it:
 * `postgres://master:password@db.example.com:5432/app?ca=/path/to/ca.pem`. User, password and database are
 * percent-decoded.
 * @throws Error that says what is missing or wrong; it never shows the URL, which holds a password
 */
export function readServiceUrl(url: string, defaultPort: number): ServiceUrl {
  if (!URL.canParse(url)) throw new Error('the URL of the server cannot be read');
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  if (hostname === '') throw new Error('the URL of the server names no host');
  if (username === '' || password === '') {
    throw new Error('the URL of the server must name an administrator and its password');
  }
  const unknown = [...searchParams.keys()].find((name) => !['ca', 'tls'].includes(name));
  if (unknown !== undefined) throw new Error(`the URL of the server knows ca and tls, not ${unknown}`);
  const tls = searchParams.get('tls') ?? 'on';
  if (!['on', 'off'].includes(tls)) throw new Error('in the URL of the server tls must be on or off');
  const ca = searchParams.get('ca');
  const database = decoded(pathname.replace(/^\//, ''));
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? defaultPort : Number(port),
    administrator: { username: decoded(username), password: decoded(password) },
    database: database === '' ? undefined : database,
    ca: ca === null ? trustedHere() : certificatesIn(ca),
    tls: tls === 'on',
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('the URL of the server has a percent sign that encodes nothing: write %25 for it');
  }
}

function certificatesIn(file: string): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`ca in the URL of the server names a file that cannot be read (${code})`);
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new Error('ca in the URL of the server names a file that holds no certificate');
}

/** The variable that names an engine's server: `KEYTURN_TEST_POSTGRES_URL`. */
export function urlVariable(engine: string): string {
  return `KEYTURN_TEST_${engine.toUpperCase().replaceAll('-', '_')}_URL`;
}

function trustedHere(): string {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])].join('\n');
}
