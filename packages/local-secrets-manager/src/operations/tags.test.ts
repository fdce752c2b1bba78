import { expect, it } from 'vitest';
import { type RawCall, rawCaller, service, token } from '../../testing/service.ts';

async function tagged(Tags?: unknown): Promise<RawCall> {
  const call = rawCaller(service());
  await call('CreateSecret', { Name: 's', ClientRequestToken: token(), Tags });
  return call;
}

const tagsOf = async (call: RawCall) => (await call('DescribeSecret', { SecretId: 's' })).body.Tags;
const tag = (Key: string, Value = '') => ({ Key, Value });
const many = (count: number) => Array.from({ length: count }, (_, index) => tag(`key-${index}`));

it('tags are added, and a key that is there gets the new value', async () => {
  const call = await tagged([tag('team', 'one'), tag('stage', 'test')]);
  expect(await call('TagResource', { SecretId: 's', Tags: [tag('team', 'two'), tag('Team', 'three')] })).toEqual({
    status: 200,
    body: {},
  });
  expect(await tagsOf(call)).toEqual([tag('team', 'two'), tag('stage', 'test'), tag('Team', 'three')]);
});

it('tags are taken off, and a key that is not there is no error', async () => {
  const call = await tagged([tag('team'), tag('stage')]);
  expect((await call('UntagResource', { SecretId: 's', TagKeys: ['team', 'absent'] })).status).toBe(200);
  expect(await tagsOf(call)).toEqual([tag('stage')]);
  await call('UntagResource', { SecretId: 's', TagKeys: ['stage'] });
  expect(await tagsOf(call)).toBeUndefined();
});

it('a secret has at most 50 tags, and one more changes nothing', async () => {
  const call = await tagged(many(50));
  expect((await call('TagResource', { SecretId: 's', Tags: [tag('one-more')] })).body.__type).toBe(
    'InvalidParameterException',
  );
  expect((await call('TagResource', { SecretId: 's', Tags: [tag('key-7', 'new')] })).status).toBe(200);
  expect(await tagsOf(call)).toHaveLength(50);
  const { body } = await call('CreateSecret', { Name: 'other', ClientRequestToken: token(), Tags: many(51) });
  expect(body.__type).toBe('InvalidParameterException');
  expect((await call('DescribeSecret', { SecretId: 'other' })).body.__type).toBe('ResourceNotFoundException');
});

it.each([
  ['the reserved prefix', [tag('aws:team')]],
  ['the reserved prefix in upper case', [tag('AWS:team')]],
  ['a key twice', [tag('team', 'one'), tag('team', 'two')]],
  ['no key', [{ Value: 'one' }]],
  ['a character that no tag may have', [tag('team*')]],
])('%s is an InvalidParameterException that changes nothing', async (_what, Tags) => {
  const call = await tagged([tag('stage')]);
  expect((await call('TagResource', { SecretId: 's', Tags })).body.__type).toBe('InvalidParameterException');
  expect(await tagsOf(call)).toEqual([tag('stage')]);
});

it('a deleted secret takes no tags', async () => {
  const call = await tagged();
  await call('DeleteSecret', { SecretId: 's' });
  expect((await call('TagResource', { SecretId: 's', Tags: many(1) })).body.__type).toBe('InvalidRequestException');
  expect((await call('UntagResource', { SecretId: 's', TagKeys: ['a'] })).body.__type).toBe('InvalidRequestException');
});
