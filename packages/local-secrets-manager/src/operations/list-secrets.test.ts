import { expect, it } from 'vitest';
import { rawCaller, service, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';

async function withSecrets(names: readonly string[]) {
  const clock = new ManualClock();
  const call = rawCaller(service({ clock }));
  for (const Name of names) {
    await call('CreateSecret', { Name, ClientRequestToken: token() });
    clock.advance(1000);
  }
  const list = async (input: Record<string, unknown>) => {
    const { body } = await call('ListSecrets', input);
    return { names: (body.SecretList as { Name: string }[]).map(({ Name }) => Name), next: body.NextToken };
  };
  return { call, list };
}

it('secrets are listed the newest first, or as asked', async () => {
  const { list } = await withSecrets(['b', 'c', 'a']);
  expect((await list({})).names).toEqual(['a', 'c', 'b']);
  expect((await list({ SortOrder: 'asc' })).names).toEqual(['b', 'c', 'a']);
  expect((await list({ SortBy: 'name', SortOrder: 'asc' })).names).toEqual(['a', 'b', 'c']);
});

it('pages end to end hold every secret once', async () => {
  const names = Array.from({ length: 7 }, (_, index) => `secret-${index}`);
  const { list } = await withSecrets(names);
  const seen: string[] = [];
  let next: unknown;
  do {
    const page = await list({ MaxResults: 3, SortOrder: 'asc', ...(next === undefined ? {} : { NextToken: next }) });
    seen.push(...page.names);
    next = page.next;
  } while (next !== undefined);
  expect(seen).toEqual(names);
});

it('a NextToken that no page returned is an InvalidNextTokenException', async () => {
  const { call } = await withSecrets(['a']);
  expect((await call('ListSecrets', { NextToken: 'made up' })).body.__type).toBe('InvalidNextTokenException');
});
