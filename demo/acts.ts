import type { RotationAccount } from './rotation-account.ts';

/** A strategy, shown by two rotations of one secret. */
export interface Act {
  readonly title: string;
  /** In the table at the end. */
  readonly column: string;
  readonly template: string;
  readonly user: string;
  readonly secretName: string;
  /** What the design allows a rotation. */
  readonly budget: Omit<RotationAccount, 'durationMs'>;
  /** What a client sees that goes on while the secret rotates. */
  readonly clientSees: string;
  /** Whether the client may be refused. */
  readonly hasGap: boolean;
}

export const acts: readonly Act[] = [
  {
    title: 'One user, whose password changes in place',
    column: 'single',
    template: 'SecretsManagerRDSPostgreSQLRotationSingleUser',
    user: 'app',
    secretName: 'demo/single-user',
    budget: { calls: 8, roundTrips: 6, logins: 2, refusedLogins: 0 },
    clientSees: 'AWSCURRENT is behind the database from setSecret to finishSecret',
    hasGap: true,
  },
  {
    title: 'Two users that take turns',
    column: 'two users',
    template: 'SecretsManagerRDSPostgreSQLRotationMultiUser',
    user: 'shop',
    secretName: 'demo/alternating-users',
    budget: { calls: 9, roundTrips: 6, logins: 3, refusedLogins: 0 },
    clientSees: 'the previous user goes on until the next rotation',
    hasGap: false,
  },
];
