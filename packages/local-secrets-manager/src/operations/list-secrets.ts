import * as v from 'valibot';
import type { Secret } from '../state/secret.ts';
import { filters, matchesAll } from './filters.ts';
import { maxResults, nextToken } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { pageOf } from './pages.ts';
import { secretDetails, versionsToStages } from './secret-details.ts';

const sortKeys = {
  'created-date': (secret: Secret) => secret.createdAt,
  'last-accessed-date': (secret: Secret) => secret.accessedDay ?? 0,
  'last-changed-date': (secret: Secret) => secret.changedAt,
  name: (secret: Secret) => secret.name,
};
type SortKey = keyof typeof sortKeys;

const input = v.object({
  IncludePlannedDeletion: v.optional(v.boolean()),
  MaxResults: v.optional(maxResults),
  NextToken: v.optional(nextToken),
  Filters: v.optional(filters),
  SortOrder: v.optional(v.picklist(['asc', 'desc'])),
  SortBy: v.optional(v.picklist(Object.keys(sortKeys) as SortKey[])),
});

/** Lists the secrets, the newest first unless told otherwise, without those scheduled for deletion. */
export const listSecrets: Operation = operation({
  name: 'ListSecrets',
  reads: true,
  input,
  run(
    context,
    { IncludePlannedDeletion, MaxResults, NextToken, Filters, SortOrder = 'desc', SortBy = 'created-date' },
  ) {
    const matches = matchesAll(Filters);
    const listed = [...context.reader.all()].filter(
      (secret) => (IncludePlannedDeletion || secret.deletionAt === undefined) && matches(secret),
    );
    const key = sortKeys[SortBy];
    const direction = SortOrder === 'asc' ? 1 : -1;
    listed.sort((a, b) => direction * compare(key(a), key(b)));
    const page = pageOf(listed, MaxResults, NextToken);
    return {
      SecretList: page.items.map((secret) => ({
        ...secretDetails(secret),
        SecretVersionsToStages: versionsToStages(secret),
      })),
      NextToken: page.nextToken,
    };
  },
});

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
