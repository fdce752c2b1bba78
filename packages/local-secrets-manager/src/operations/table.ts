import { batchGetSecretValue } from './batch-get-secret-value.ts';
import { cancelRotateSecret } from './cancel-rotate-secret.ts';
import { createSecret } from './create-secret.ts';
import { deleteResourcePolicy } from './delete-resource-policy.ts';
import { deleteSecret } from './delete-secret.ts';
import { describeSecret } from './describe-secret.ts';
import { getRandomPassword } from './get-random-password.ts';
import { getResourcePolicy } from './get-resource-policy.ts';
import { getSecretValue } from './get-secret-value.ts';
import { listSecretVersionIds } from './list-secret-version-ids.ts';
import { listSecrets } from './list-secrets.ts';
import type { Operation } from './operation.ts';
import { putResourcePolicy } from './put-resource-policy.ts';
import { putSecretValue } from './put-secret-value.ts';
import { removeRegionsFromReplication, replicateSecretToRegions, stopReplicationToReplica } from './replication.ts';
import { restoreSecret } from './restore-secret.ts';
import { rotateSecret } from './rotate-secret.ts';
import { tagResource } from './tag-resource.ts';
import { untagResource } from './untag-resource.ts';
import { updateSecret } from './update-secret.ts';
import { updateSecretVersionStage } from './update-secret-version-stage.ts';
import { validateResourcePolicy } from './validate-resource-policy.ts';

/** Every operation that the service answers, by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    cancelRotateSecret,
    removeRegionsFromReplication,
    replicateSecretToRegions,
    stopReplicationToReplica,
    validateResourcePolicy,
    untagResource,
    tagResource,
    restoreSecret,
    putResourcePolicy,
    getResourcePolicy,
    deleteResourcePolicy,
    batchGetSecretValue,
    createSecret,
    deleteSecret,
    describeSecret,
    getRandomPassword,
    getSecretValue,
    listSecretVersionIds,
    listSecrets,
    putSecretValue,
    rotateSecret,
    updateSecret,
    updateSecretVersionStage,
  ].map((each) => [each.name, each]),
);
