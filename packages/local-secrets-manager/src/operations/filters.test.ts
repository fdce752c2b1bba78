import { expect, it } from 'vitest';
import { type RawCall, rawCaller, service, token } from '../../testing/service.ts';

async function withSecrets(): Promise<RawCall> {
  const call = rawCaller(service({ region: 'eu-west-1' }));
  const secrets = [
    { Name: 'prod/db', Description: 'The Main database', Tags: [{ Key: 'team', Value: 'Blue' }] },
    { Name: 'prod/queue', Description: 'main queue' },
    { Name: 'test/db', Tags: [{ Key: 'owner', Value: 'green' }] },
    { Name: 'Prod/cache' },
  ];
  for (const each of secrets) {
    await call('CreateSecret', { ...each, ClientRequestToken: token(), SecretString: `value of ${each.Name}` });
  }
  return call;
}

const names = async (call: RawCall, Filters: unknown) => {
  const { body } = await call('ListSecrets', { Filters, SortBy: 'name', SortOrder: 'asc' });
  return (body.SecretList as { Name: string }[] | undefined)?.map(({ Name }) => Name) ?? body.__type;
};

it.each([
  ['name is a prefix, by case', [['name', 'prod']], ['prod/db', 'prod/queue']],
  ['description is a prefix, by no case', [['description', 'MAIN']], ['prod/queue']],
  ['tag-key is a prefix, by case', [['tag-key', 'te']], ['prod/db']],
  ['tag-key in another case does not match', [['tag-key', 'Te']], []],
  ['tag-value is a prefix, by case', [['tag-value', 'Blu']], ['prod/db']],
  ['primary-region is the Region', [['primary-region', 'eu-']], ['Prod/cache', 'prod/db', 'prod/queue', 'test/db']],
  ['another primary-region matches nothing', [['primary-region', 'us-']], []],
  ['owning-service: no other service makes secrets here', [['owning-service', 'rds']], []],
  ['all looks for words everywhere, by no case', [['all', 'main']], ['prod/db', 'prod/queue']],
  ['all wants each word somewhere', [['all', 'database blue']], ['prod/db']],
  ['! excludes', [['name', '!prod']], ['Prod/cache', 'test/db']],
  ['! of a tag includes secrets without tags', [['tag-key', '!team']], ['Prod/cache', 'prod/queue', 'test/db']],
  ['values are alternatives', [['name', 'test', 'Prod']], ['Prod/cache', 'test/db']],
  [
    'filters all apply',
    [
      ['name', 'prod'],
      ['description', 'the'],
    ],
    ['prod/db'],
  ],
])('%s', async (_fact, filters, expected) => {
  const Filters = filters.map(([Key, ...Values]) => ({ Key, Values }));
  expect(await names(await withSecrets(), Filters)).toEqual(expected);
});

it('a filter without key or values is an InvalidParameterException', async () => {
  const call = await withSecrets();
  expect(await names(call, [{ Values: ['a'] }])).toBe('InvalidParameterException');
  expect(await names(call, [{ Key: 'name' }])).toBe('InvalidParameterException');
});

it('filtered pages end to end hold every match once', async () => {
  const call = await withSecrets();
  const Filters = [{ Key: 'name', Values: ['!test'] }];
  const first = await call('ListSecrets', { Filters, MaxResults: 2 });
  const second = await call('ListSecrets', { Filters, MaxResults: 2, NextToken: first.body.NextToken });
  expect([...(first.body.SecretList as []), ...(second.body.SecretList as [])]).toHaveLength(3);
  expect(second.body.NextToken).toBeUndefined();
});
