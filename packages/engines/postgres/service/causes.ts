import { type ErrorCode, type Login, Password } from '@keyturn/core';
import { freePort, makeAuthority } from '@keyturn/engine-conformance';
import { loginGroups } from './access-rules.ts';
import { loginTo } from './test-login.ts';

/** Passwords that can be found in whatever comes out. */
export const current = 'taint-Current-"\'\\%~';
export const other = 'taint-Other-"\'\\%~';

/** A way to fail: what is done to the server or the login, and what the error must say. */
export interface Cause {
  readonly name: string;
  readonly code: ErrorCode;
  /** What the server or Node calls it; absent where neither is involved. */
  readonly driverCode?: RegExp;
  readonly remedy?: RegExp;
  /** What the superuser runs first; the role "app" has the password `current`. */
  readonly given?: string;
  /** How the login differs from one that succeeds. */
  readonly login?: Partial<Login> | (() => Promise<Partial<Login>>);
  /** What is done on the connection; a reset is of the role "other". @default - nothing: the login must fail */
  readonly act?: 'change' | 'reset';
  /** @default - `other` */
  readonly next?: string;
  readonly options?: { readonly plaintextPassword: boolean };
  /** The oldest major version that knows this. */
  readonly since?: number;
  readonly beforeAnythingIsSent?: true;
}

const unsound: readonly Cause[] = [
  { name: 'a user name with NUL', login: { username: 'app\0options\0-c role=postgres' } },
  { name: 'a user name that the server would cut off', login: { username: 'a'.repeat(64) } },
  { name: 'a database name with NUL', login: { database: 'app\0user\0postgres' } },
  { name: 'an empty password', login: { password: new Password('') } },
  { name: 'a password with NUL', login: { password: new Password(`${current}\0`) } },
].map((cause) => ({ ...cause, code: 'invalid-secret', beforeAnythingIsSent: true }));

const onTheWay: readonly Cause[] = [
  {
    name: 'a host without an address',
    code: 'host-not-found',
    driverCode: /^(ENOTFOUND|EAI_AGAIN)$/,
    login: { host: 'no-such-host.invalid' },
  },
  {
    name: 'a port where nothing listens',
    code: 'connection-refused',
    driverCode: /^ECONNREFUSED$/,
    login: async () => ({ port: await freePort() }),
  },
  {
    name: 'a port that cannot be',
    code: 'invalid-secret',
    driverCode: /^ERR_SOCKET_BAD_PORT$/,
    login: { port: 70_000 },
  },
  {
    name: 'an authority that is not trusted',
    code: 'tls-untrusted',
    driverCode: /^[A-Z_]+$/,
    login: async () => ({ tls: loginTo({ port: 0, ca: makeAuthority('Other').certificate }, '', '').tls }),
  },
];

const atTheLogin: readonly Cause[] = [
  {
    name: 'a wrong password',
    code: 'login-failed',
    driverCode: /^28P01$/,
    login: { password: new Password(other) },
  },
  { name: 'a role that does not exist', code: 'login-failed', driverCode: /^28P01$/, login: { username: 'no\n"body' } },
  {
    // Nothing on the wire tells it from a wrong password.
    name: 'a password whose time has passed',
    code: 'login-failed',
    driverCode: /^28P01$/,
    remedy: /ALTER ROLE "app" VALID UNTIL 'infinity'/,
    given: `ALTER ROLE app VALID UNTIL '2001-01-01'`,
  },
  {
    name: 'a role that may not log in',
    code: 'account-locked',
    driverCode: /^28000$/,
    remedy: /ALTER ROLE "app" LOGIN/,
    given: 'ALTER ROLE app NOLOGIN',
  },
  { name: 'an unknown database', code: 'unknown-database', driverCode: /^3D000$/, login: { database: 'nowhere' } },
  {
    name: 'a database that takes no connections',
    code: 'login-not-allowed',
    driverCode: /^55000$/,
    login: { database: 'template0' },
  },
  {
    name: 'a database that the role may not connect to',
    code: 'missing-privilege',
    driverCode: /^42501$/,
    remedy: /GRANT CONNECT ON DATABASE "private" TO "app"/,
    login: { database: 'private' },
  },
  {
    name: 'the connection limit of the role',
    code: 'too-many-connections',
    driverCode: /^53300$/,
    given: 'ALTER ROLE app CONNECTION LIMIT 0',
  },
  {
    name: 'access rules that turn the role away',
    code: 'login-not-allowed',
    driverCode: /^28000$/,
    given: `GRANT ${loginGroups.rejected} TO app`,
  },
  { name: 'access rules that want TLS', code: 'tls-required', driverCode: /^28000$/, login: { tls: false } },
  {
    name: 'a server that asks for the password in clear text without TLS',
    code: 'auth-method-unsupported',
    remedy: /"ssl": false/,
    given: `GRANT ${loginGroups.plaintextCleartext} TO app`,
    login: { tls: false },
  },
  {
    name: 'a server that asks for no password',
    code: 'auth-method-unsupported',
    given: `GRANT ${loginGroups.trusted} TO app`,
  },
];

const atTheStatement: readonly Cause[] = [
  {
    name: 'a reset by a user that may not create roles',
    act: 'reset',
    code: 'missing-privilege',
    driverCode: /^42501$/,
    remedy: /ALTER ROLE "app" CREATEROLE/,
    given: 'CREATE ROLE other',
  },
  {
    name: 'a reset by a user without the ADMIN OPTION on the role',
    since: 16,
    act: 'reset',
    code: 'missing-privilege',
    driverCode: /^42501$/,
    remedy: /: GRANT "other" TO "app" WITH ADMIN OPTION$/,
    given: 'CREATE ROLE other; ALTER ROLE app CREATEROLE',
  },
  {
    name: 'the reset of a superuser',
    act: 'reset',
    code: 'missing-privilege',
    driverCode: /^42501$/,
    remedy: /"other" is a superuser/,
    given: 'CREATE ROLE other SUPERUSER; ALTER ROLE app CREATEROLE',
  },
  {
    name: "a reset by a user that RDS's restriction of password commands stops",
    act: 'reset',
    code: 'missing-privilege',
    driverCode: /^42501$/,
    remedy: /GRANT rds_password TO "app"$/,
    given: `CREATE ROLE other; ALTER ROLE app SET rds.restrict_password_commands = 'on'`,
  },
  { name: 'the reset of a role that does not exist', act: 'reset', code: 'statement-failed' },
  {
    name: "a password that the server's rules find too short",
    act: 'change',
    code: 'password-refused',
    driverCode: /^22023$/,
    next: `"tA'1`,
    options: { plaintextPassword: true },
  },
  {
    // The one rule that the server can apply to a verifier.
    name: "a password that is the user's name",
    act: 'change',
    code: 'password-refused',
    driverCode: /^22023$/,
    next: 'app',
  },
];

/** Every cause that a running server with `passwordcheck` and an everyday configuration can be brought to. */
export const causes: readonly Cause[] = [...unsound, ...onTheWay, ...atTheLogin, ...atTheStatement];
