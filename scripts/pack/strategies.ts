import type { ErrorCode } from '@keyturn/core';

/** The strategies that templates are made for. */
export type StrategyName =
  | 'single-user'
  | 'alternating-users'
  | 'multi-credential'
  | 'issued-credentials'
  | 'own-service';

/** What a strategy says of itself for templates. */
export interface StrategyFacts {
  /** The function of core that makes it. */
  readonly call: string;
  /** What it does: `one user, whose password changes in place`. */
  readonly sentence: string;
  readonly clients: string;
  /** How long the credential before this one works. */
  readonly previous: string;
  /** Whether another user's secret is read: always, where PASSWORD_CHANGED_BY says so, or never. */
  readonly master: 'needed' | 'optional' | 'none';
  /** Whether passwords are made, so that the password options mean something. */
  readonly makesPasswords: boolean;
  /** Whether the function logs in to a database, with what goes with that: TLS, time-outs, limits of names. */
  readonly database: boolean;
  /** Whether two users take turns. */
  readonly twin: boolean;
  /** Codes that this strategy never ends with. */
  readonly neverFailsWith: readonly ErrorCode[];
}

const twinCodes: readonly ErrorCode[] = [
  'twin-name-too-long',
  'twin-name-taken',
  'rights-not-cloneable',
  'privileges-differ',
];
const issuedCodes: readonly ErrorCode[] = ['credential-limit-reached', 'credential-unknown'];
const databaseCodes: readonly ErrorCode[] = [
  'policy-unsatisfiable',
  'password-not-accepted',
  'master-secret-missing',
  'user-is-master',
  'service-mismatch',
  'host-not-found',
  'connection-refused',
  'host-unreachable',
  'connection-timed-out',
  'connection-lost',
  'tls-not-offered',
  'tls-required',
  'tls-untrusted',
  'tls-wrong-host',
  'tls-failed',
  'login-not-allowed',
  'unknown-database',
  'account-locked',
  'password-expired',
  'too-many-connections',
  'auth-method-unsupported',
  'server-not-ready',
  'missing-privilege',
  'password-refused',
  'read-only-server',
  'statement-failed',
];

/** Every strategy by its name. */
export const strategies: Readonly<Record<StrategyName, StrategyFacts>> = {
  'single-user': {
    call: 'singleUser',
    sentence: 'one user, whose password changes in place',
    clients:
      'Between setSecret and finishSecret, for some tens of milliseconds, a new connection with the old password is refused; open connections go on. A client that reads the secret again after a refused login gets in.',
    previous: 'not at all',
    master: 'optional',
    makesPasswords: true,
    database: true,
    twin: false,
    neverFailsWith: [...twinCodes, ...issuedCodes, 'grace-period-not-over'],
  },
  'alternating-users': {
    call: 'alternatingUsers',
    sentence: 'two users that take turns, the second of which the first rotation makes',
    clients: 'Nothing but another user name: the user that was in use goes on as it was.',
    previous: 'until setSecret of the next rotation',
    master: 'needed',
    makesPasswords: true,
    database: true,
    twin: true,
    neverFailsWith: issuedCodes,
  },
  'multi-credential': {
    call: 'multiCredential',
    sentence: 'one user that has two passwords at a time',
    clients: 'Nothing: the old password and the new one both work.',
    previous: 'until setSecret of the next rotation',
    master: 'needed',
    makesPasswords: true,
    database: true,
    twin: false,
    neverFailsWith: [...twinCodes, ...issuedCodes],
  },
  'issued-credentials': {
    call: 'issuedCredentials',
    sentence: 'one user that has two credentials at a time, which the service makes',
    clients: 'Nothing: the old credential and the new one both work.',
    previous: 'until createSecret of the next rotation',
    master: 'none',
    makesPasswords: false,
    database: false,
    twin: false,
    neverFailsWith: [...twinCodes, ...databaseCodes],
  },
  'own-service': {
    call: 'RotationFunction',
    sentence: 'your code changes it and proves it',
    clients:
      'What your service shows them: between setSecret and finishSecret, a service that has one password for an account refuses the old one.',
    previous: 'as long as your service lets it',
    master: 'none',
    makesPasswords: true,
    database: false,
    twin: false,
    neverFailsWith: [...twinCodes, ...issuedCodes],
  },
};
