import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import * as tls from 'node:tls';
import type { VerifiedTls } from './engine.ts';
import { RotationError } from './errors.ts';

/** Where Lambda's Node runtimes keep Amazon's certificate authorities, those of RDS among them. */
const lambdaAuthorities = '/var/runtime/ca-cert.pem';

const minVersion = 'TLSv1.2';

/** Which certificate authorities a function trusts. */
export interface TlsOptions {
  /** PEM, one or more certificates. With it, nothing else is trusted. @default - TLS_CA_PEM, then TLS_CA_FILE, then the engine's and the system's */
  readonly ca?: string | readonly string[] | undefined;
}

/**
 * The trusted authorities: what the user gives, alone; else Lambda's file, the engine's bundle and the
 * system's roots together. Read when the first TLS login needs them, then kept.
 */
export class CertificateAuthorities {
  readonly #given: readonly string[] | undefined;
  readonly #builtIn: (() => readonly string[]) | undefined;
  #list: string[] | undefined;
  #context: tls.SecureContext | undefined;

  constructor(given: readonly string[] | undefined, builtIn: (() => readonly string[]) | undefined) {
    this.#given = given;
    this.#builtIn = builtIn;
  }

  list(): string[] {
    this.#list ??= this.#given === undefined ? this.#defaults() : [...this.#given];
    return this.#list;
  }

  context(): tls.SecureContext {
    this.#context ??= tls.createSecureContext({ ca: this.list(), minVersion });
    return this.#context;
  }

  #defaults(): string[] {
    return [...fileIfThere(lambdaAuthorities), ...(this.#builtIn?.() ?? []), ...systemAuthorities()];
  }
}

/** Options that make the driver verify the chain and the name of `host`. There is no way to loosen them. */
export function verifiedTls(host: string, authorities: CertificateAuthorities): VerifiedTls {
  const name = host.replace(/\.$/, '');
  return {
    ca: authorities.list(),
    secureContext: authorities.context(),
    rejectUnauthorized: true,
    minVersion,
    // Bound to the host of the secret: without a servername Node would compare with "localhost".
    checkServerIdentity: (_servername, certificate) => tls.checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}),
  };
}

/**
 * The authorities that options and environment give.
 * @throws RotationError `invalid-configuration` for a file that cannot be read or text that is no certificate
 */
export function givenAuthorities(options: TlsOptions, env: NodeJS.ProcessEnv): readonly string[] | undefined {
  const given =
    options.ca ?? env.TLS_CA_PEM ?? (env.TLS_CA_FILE === undefined ? undefined : readGiven(env.TLS_CA_FILE));
  if (given === undefined) return undefined;
  const list = typeof given === 'string' ? [given] : given;
  if (!list.every(holdsCertificates)) throw noCertificate();
  return list;
}

/** OpenSSL passes over what it cannot read, and would then trust fewer authorities than were given, or none. */
function holdsCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const begun = pem.match(/-----BEGIN /g)?.length ?? 0;
  return blocks.length > 0 && blocks.length === begun && blocks.every(isCertificate);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

function noCertificate(): RotationError {
  return new RotationError('invalid-configuration', {
    message: 'the given certificate authorities (tls.ca, TLS_CA_PEM or TLS_CA_FILE) are not PEM certificates',
  });
}

function readGiven(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new RotationError('invalid-configuration', {
      message: `the file that TLS_CA_FILE names cannot be read: ${JSON.stringify(path)}`,
    });
  }
}

function fileIfThere(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    // Only Lambda has this file.
    return [];
  }
}

function systemAuthorities(): readonly string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}
