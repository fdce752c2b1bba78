import { cancelRotateSecret } from './cancel-rotate-secret.ts';
import { createSecret } from './create-secret.ts';
import { deleteSecret } from './delete-secret.ts';
import { describeSecret } from './describe-secret.ts';
import { getRandomPassword } from './get-random-password.ts';
import { getSecretValue } from './get-secret-value.ts';
import { listSecretVersionIds } from './list-secret-version-ids.ts';
import { listSecrets } from './list-secrets.ts';
import type { Operation } from './operation.ts';
import { putSecretValue } from './put-secret-value.ts';
import { rotateSecret } from './rotate-secret.ts';
import { updateSecret } from './update-secret.ts';
import { updateSecretVersionStage } from './update-secret-version-stage.ts';

/** Every operation that the service answers, by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    cancelRotateSecret,
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
