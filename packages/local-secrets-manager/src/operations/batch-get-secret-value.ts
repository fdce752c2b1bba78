import * as v from 'valibot';
import { AWSCURRENT } from '../state/labels.ts';
import type { Secret } from '../state/secret.ts';
import { invalidParameter, ServiceError } from '../wire/service-error.ts';
import { filters, matchesAll } from './filters.ts';
import { readValue } from './get-secret-value.ts';
import { nextToken, secretId } from './members.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';
import { pageOf } from './pages.ts';

const PAGE = 20;

const input = v.object({
  SecretIdList: v.optional(v.pipe(v.array(secretId), v.minLength(1), v.maxLength(20))),
  Filters: v.optional(filters),
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PAGE))),
  NextToken: v.optional(nextToken),
});

/** Reads up to 20 values at once, by name or by filter. What one secret's read fails with is told beside the others. */
export const batchGetSecretValue: Operation = operation({
  name: 'BatchGetSecretValue',
  reads: true,
  input,
  run(context, { SecretIdList, Filters, MaxResults, NextToken }) {
    if ((SecretIdList === undefined) === (Filters === undefined)) {
      throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    }
    if (SecretIdList !== undefined) {
      if (MaxResults !== undefined) {
        throw invalidParameter(
          "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
        );
      }
      return readAll(context, SecretIdList);
    }
    const matches = matchesAll(Filters);
    const found = [...context.reader.all()].filter((secret) => secret.deletionAt === undefined && matches(secret));
    const page = pageOf(found, MaxResults ?? PAGE, NextToken);
    return { ...readAll(context, page.items.map(arnOf)), NextToken: page.nextToken };
  },
});

function arnOf(secret: Secret): string {
  return secret.arn;
}

function readAll(context: OperationContext, ids: readonly string[]): Record<string, unknown> {
  const SecretValues: unknown[] = [];
  const Errors: unknown[] = [];
  for (const id of ids) {
    try {
      SecretValues.push(readValue(context, id, undefined, AWSCURRENT));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Errors.push({ SecretId: id, ErrorCode: error.type, Message: error.message });
    }
  }
  return { SecretValues, Errors };
}
