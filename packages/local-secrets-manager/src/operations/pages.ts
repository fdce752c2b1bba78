import { ServiceError } from '../wire/service-error.ts';

/** One page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextToken: string | undefined;
}

const PAGE = 100;

/**
 * Cuts a page out of a listing.
 * @param size at most 100 @default - 100
 * @throws ServiceError InvalidNextTokenException for a token that no page returned
 */
export function pageOf<T>(items: readonly T[], size: number = PAGE, token?: string): Page<T> {
  const start = token === undefined ? 0 : offsetOf(token);
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? tokenOf(end) : undefined };
}

function tokenOf(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function offsetOf(token: string): number {
  const offset = /^offset:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (offset === undefined) throw new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.');
  return Number(offset);
}
