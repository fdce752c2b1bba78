/** How many calls a second operations may take together. */
export interface Quota {
  readonly operations: readonly string[];
  readonly perSecond: number;
}

/**
 * The service's published rates for an account in a Region. What could not be read there, the rate of
 * GetRandomPassword, is taken to be that of its neighbours.
 */
export const publishedQuotas: readonly Quota[] = [
  { operations: ['GetSecretValue'], perSecond: 10_000 },
  { operations: ['DescribeSecret'], perSecond: 40_000 },
  {
    operations: [
      'PutSecretValue',
      'UpdateSecret',
      'UpdateSecretVersionStage',
      'ReplicateSecretToRegions',
      'RemoveRegionsFromReplication',
      'StopReplicationToReplica',
    ],
    perSecond: 50,
  },
  { operations: ['RotateSecret', 'CancelRotateSecret'], perSecond: 50 },
  { operations: ['BatchGetSecretValue'], perSecond: 100 },
  { operations: ['ListSecrets'], perSecond: 100 },
  { operations: ['ListSecretVersionIds'], perSecond: 50 },
  {
    operations: ['PutResourcePolicy', 'GetResourcePolicy', 'DeleteResourcePolicy', 'ValidateResourcePolicy'],
    perSecond: 50,
  },
  { operations: ['TagResource', 'UntagResource'], perSecond: 50 },
  { operations: ['CreateSecret'], perSecond: 50 },
  { operations: ['DeleteSecret'], perSecond: 50 },
  { operations: ['RestoreSecret'], perSecond: 50 },
  { operations: ['GetRandomPassword'], perSecond: 50 },
];
