import * as v from 'valibot';
import type { SecretRules } from './engine.ts';
import { RotationError } from './errors.ts';
import { Password } from './password.ts';
import { parseSecretText } from './secret-text.ts';

import { isHostList, isHostName } from './service-address.ts';

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
  const { host, port, username, password, dbname, masterarn, ssl } = parse(parseSecretText(text), schemaOf(rules));
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

/** What a master secret holds that says who logs in, and not where: one that a service manages. */
export interface ManagedCredential {
  readonly host: undefined;
  readonly username: string;
  readonly password: Password;
  readonly database: string | undefined;
  /** Undefined where the secret does not say: a service writes no key ssl. */
  readonly tls: boolean | undefined;
}

/**
 * Reads and checks a master secret: one of the guide's shape, or one without the key host, as a service makes it.
 * @throws RotationError as {@link parseDatabaseSecret} does
 */
export function parseMasterSecret(text: string | undefined, rules: SecretRules): DatabaseSecret | ManagedCredential {
  const keys = parseSecretText(text);
  if (keys.host !== undefined) return parseDatabaseSecret(text, rules);
  const { username, password, dbname, ssl } = parse(keys, managedSchemaOf(rules));
  return {
    host: undefined,
    username,
    password: new Password(password),
    database: dbname || undefined,
    tls: keys.ssl === undefined ? undefined : ssl,
  };
}

function parse<S extends v.GenericSchema>(keys: Record<string, unknown>, schema: S): v.InferOutput<S> {
  const result = v.safeParse(schema, keys);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const key = v.getDotPath(issue) ?? 'secret';
    return issue.input === undefined ? `${key} is missing` : `${key} ${issue.message}`;
  });
  throw new RotationError('invalid-secret', {
    message: `the secret has missing or wrong keys: ${faults.join('; ')}`,
  });
}

const noNul = v.regex(/^[^\0]*$/, 'holds a NUL character');

const hostName = v.pipe(
  v.string('must be a string'),
  v.check(isHostName, 'must be a host name or an address, with nothing else in it'),
);
const hostList = v.pipe(
  v.string('must be a string'),
  v.check(isHostList, 'must be host names or addresses with commas between, and nothing else in it'),
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
  return v.looseObject({
    engine: engineOf(rules),
    host: rules.hostLists ? hostList : hostName,
    port: v.nullish(wholePort),
    ...managedEntriesOf(rules),
    masterarn: v.nullish(v.string('must be a string')),
  });
}

function managedSchemaOf(rules: SecretRules) {
  return v.looseObject({ ...managedEntriesOf(rules), engine: v.optional(engineOf(rules)) });
}

function managedEntriesOf({ usernameMaxBytes }: SecretRules) {
  return {
    username: v.pipe(
      v.string('must be a string'),
      v.minLength(1, 'is empty'),
      noNul,
      v.maxBytes(usernameMaxBytes, `is longer than ${usernameMaxBytes} bytes`),
    ),
    password: v.pipe(v.string('must be a string'), v.minLength(1, 'is empty'), noNul),
    dbname: v.nullish(v.pipe(v.string('must be a string'), noNul)),
    ssl: v.optional(ssl, true),
  };
}

function engineOf({ engines }: SecretRules) {
  return v.picklist(engines, `must be one of ${engines.join(', ')}`);
}
