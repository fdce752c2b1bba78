import * as v from 'valibot';
import type { Version } from '../state/secret.ts';
import { seconds } from '../wire/timestamps.ts';
import { maxResults, nextToken, secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { pageOf } from './pages.ts';
import { ownKmsKey } from './secret-details.ts';
import { existing } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  MaxResults: v.optional(maxResults),
  NextToken: v.optional(nextToken),
  IncludeDeprecated: v.optional(v.boolean()),
});

/** Lists a secret's versions, the oldest first; those without a label only with IncludeDeprecated (fact 7). */
export const listSecretVersionIds: Operation = operation({
  name: 'ListSecretVersionIds',
  reads: true,
  input,
  run(context, { SecretId, MaxResults, NextToken, IncludeDeprecated = false }) {
    const secret = existing(context.reader.find(SecretId));
    const listed = [...secret.versions.values()].filter((version) => IncludeDeprecated || version.labels.length > 0);
    const page = pageOf(listed, MaxResults, NextToken);
    return {
      Versions: page.items.map((version) => entry(version, ownKmsKey(secret) ?? 'DefaultEncryptionKey')),
      NextToken: page.nextToken,
      ARN: secret.arn,
      Name: secret.name,
    };
  },
});

function entry(version: Version, kmsKeyId: string): Record<string, unknown> {
  return {
    VersionId: version.id,
    VersionStages: version.labels.length === 0 ? undefined : version.labels,
    LastAccessedDate: version.accessedDay === undefined ? undefined : seconds(version.accessedDay),
    CreatedDate: seconds(version.createdAt),
    KmsKeyIds: version.value === undefined ? undefined : [kmsKeyId],
  };
}
