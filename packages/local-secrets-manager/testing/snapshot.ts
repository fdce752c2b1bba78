import type { RawCall } from './service.ts';

/** Everything that the API tells of every secret, values included. Reading dates the access: take two to compare. */
export async function snapshot(call: RawCall): Promise<unknown[]> {
  const { body } = await call('ListSecrets', { IncludePlannedDeletion: true, SortBy: 'name', SortOrder: 'asc' });
  const told: unknown[] = [];
  for (const { ARN: SecretId } of body.SecretList as { ARN: string }[]) {
    const versions = (await call('ListSecretVersionIds', { SecretId, IncludeDeprecated: true })).body;
    const values: unknown[] = [];
    for (const { VersionId } of versions.Versions as { VersionId: string }[]) {
      values.push((await call('GetSecretValue', { SecretId, VersionId })).body);
    }
    // Once more after the reads, which have dated the accesses.
    const listed = (await call('ListSecretVersionIds', { SecretId, IncludeDeprecated: true })).body;
    const described = (await call('DescribeSecret', { SecretId })).body;
    told.push({ described, listed, values, policy: (await call('GetResourcePolicy', { SecretId })).body });
  }
  return told;
}
