import * as v from 'valibot';
import { invalidRequest } from '../wire/service-error.ts';
import { region, replicaRegions, secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';

/** There is one Region here: a secret's replicas are refused after every check that the service makes. */
function refused<S extends v.GenericSchema<{ SecretId: string }>>(name: string, input: S, why: string): Operation {
  return operation({
    name,
    reads: true,
    input,
    run(context, { SecretId }) {
      usable(context.store.find(SecretId));
      throw invalidRequest(why);
    },
  });
}

/** Refused: there is no other Region to replicate to. */
export const replicateSecretToRegions: Operation = refused(
  'ReplicateSecretToRegions',
  v.object({
    SecretId: secretId,
    AddReplicaRegions: replicaRegions,
    ForceOverwriteReplicaSecret: v.optional(v.boolean()),
  }),
  'Replication is not available in the local Secrets Manager.',
);

/** Refused: no secret has a replica. */
export const removeRegionsFromReplication: Operation = refused(
  'RemoveRegionsFromReplication',
  v.object({ SecretId: secretId, RemoveReplicaRegions: v.pipe(v.array(region), v.minLength(1)) }),
  'The secret is not replicated: replication is not available in the local Secrets Manager.',
);

/** Refused: no secret is a replica. */
export const stopReplicationToReplica: Operation = refused(
  'StopReplicationToReplica',
  v.object({ SecretId: secretId }),
  'The secret is not a replica: replication is not available in the local Secrets Manager.',
);
