import * as v from 'valibot';
import type { SecretRules } from './engine.ts';
import { RotationError } from './errors.ts';
import { Password } from './password.ts';
import { parseSecretText } from './secret-text.ts';

/** A database credential, read from a secret of the shape that the AWS guide gives. */
export interface DatabaseSecret {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Password;
  readonly database: string | undefined;
  readonly masterArn: string | undefined;
  /** Off only where the secret says `"ssl": false`. */
  readonly tls: boolean;
}

/**
 * Reads and checks a secret.
 * @throws RotationError `secret-not-json`; `invalid-secret`, naming every missing and wrong key at once.
 *   No value of the secret stands in the message: a password may sit under the wrong key.
 */
export function parseDatabaseSecret(text: string | undefined, rules: SecretRules): DatabaseSecret {
  const result = v.safeParse(schemaOf(rules), parseSecretText(text));
  if (!result.success) {
    const faults = result.issues.map((issue) => {
      const key = v.getDotPath(issue) ?? 'secret';
      return issue.input === undefined ? `${key} is missing` : `${key} ${issue.message}`;
    });
    throw new RotationError('invalid-secret', {
      message: `the secret has missing or wrong keys: ${faults.join('; ')}`,
    });
  }
  const { host, port, username, password, dbname, masterarn, ssl } = result.output;
  return {
    host,
    port: port ?? rules.defaultPort,
    username,
    password: new Password(password),
    database: dbname || rules.defaultDatabase,
    masterArn: masterarn || undefined,
    tls: ssl,
  };
}

/** Whether two secrets name the same service: the host without regard to case and trailing dot, and the port. */
export function sameService(a: DatabaseSecret, b: DatabaseSecret): boolean {
  return plainHost(a.host) === plainHost(b.host) && a.port === b.port;
}

function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

const noNul = v.regex(/^[^\0]*$/, 'holds a NUL character');

// Drivers take a host with a slash for a socket's path; nothing but a name or an address may pass.
const hostName = v.pipe(
  v.string('must be a string'),
  v.regex(/^[\p{L}\p{N}._:-]{1,255}$/u, 'must be a host name or an address, with nothing else in it'),
);

const wholePort = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number))],
    'must be a whole number from 1 to 65535',
  ),
  v.check((port) => Number.isInteger(port) && port >= 1 && port <= 65_535, 'must be a whole number from 1 to 65535'),
);

// AWS's functions treat whatever is no clear yes or no as "absent"; absent means verified TLS here.
const ssl = v.pipe(
  v.unknown(),
  v.transform((value) => !(value === false || (typeof value === 'string' && value.toLowerCase() === 'false'))),
);

function schemaOf(rules: SecretRules) {
  const { engines, usernameMaxBytes } = rules;
  return v.looseObject({
    engine: v.picklist(engines, `must be one of ${engines.join(', ')}`),
    host: hostName,
    port: v.nullish(wholePort),
    username: v.pipe(
      v.string('must be a string'),
      v.minLength(1, 'is empty'),
      noNul,
      v.maxBytes(usernameMaxBytes, `is longer than ${usernameMaxBytes} bytes`),
    ),
    password: v.pipe(v.string('must be a string'), v.minLength(1, 'is empty'), noNul),
    dbname: v.nullish(v.pipe(v.string('must be a string'), noNul)),
    masterarn: v.nullish(v.string('must be a string')),
    ssl: v.optional(ssl, true),
  });
}
