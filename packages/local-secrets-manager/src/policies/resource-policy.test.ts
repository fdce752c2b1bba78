import { expect, it } from 'vitest';
import { type RawCall, rawCaller, service, token } from '../../testing/service.ts';

const allow = {
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::123456789012:role/App' },
  Action: 'secretsmanager:GetSecretValue',
  Resource: '*',
};
const everyone = { ...allow, Principal: '*' };
const policy = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function started(): Promise<RawCall> {
  const call = rawCaller(service());
  await call('CreateSecret', { Name: 's', ClientRequestToken: token() });
  return call;
}

const put = (call: RawCall, ResourcePolicy: string, more = {}) =>
  call('PutResourcePolicy', { SecretId: 's', ResourcePolicy, ...more });
const stored = async (call: RawCall) => (await call('GetResourcePolicy', { SecretId: 's' })).body.ResourcePolicy;

it('a policy is kept to the letter, replaced, and taken away', async () => {
  const call = await started();
  expect(await stored(call)).toBeUndefined();
  const spaced = ` ${policy(allow)} `;
  expect((await put(call, spaced)).body).toMatchObject({ Name: 's' });
  expect(await stored(call)).toBe(spaced);
  await put(call, policy({ ...allow, Sid: 'Two' }));
  expect(await stored(call)).toContain('Two');
  expect((await call('DeleteResourcePolicy', { SecretId: 's' })).status).toBe(200);
  expect((await call('DeleteResourcePolicy', { SecretId: 's' })).status).toBe(200);
  expect(await stored(call)).toBeUndefined();
});

const syntax = 'This resource policy contains a syntax error.';
const principal = 'This resource policy contains an unsupported principal.';
it.each([
  ['no JSON', '{"Version"', syntax],
  ['no object', '"policy"', syntax],
  ['an unknown Version', JSON.stringify({ Version: '2019-10-19', Statement: [allow] }), syntax],
  ['no statement', JSON.stringify({ Version: '2012-10-17' }), syntax],
  ['an empty list of statements', policy(), syntax],
  ['an unknown Effect', policy({ ...allow, Effect: 'AllowSomething' }), syntax],
  ['no principal', policy({ ...allow, Principal: undefined }), syntax],
  ['both Principal and NotPrincipal', policy({ ...allow, NotPrincipal: '*' }), syntax],
  ['no action', policy({ ...allow, Action: undefined }), syntax],
  ['an action of no service', policy({ ...allow, Action: 'GetSecretValue' }), syntax],
  ['no resource', policy({ ...allow, Resource: undefined }), syntax],
  ['a resource that is no ARN', policy({ ...allow, Resource: 'my-secret' }), syntax],
  ['an element that no statement has', policy({ ...allow, Principals: '*' }), syntax],
  ['the same Sid twice', policy({ ...allow, Sid: 'One' }, { ...allow, Sid: 'One' }), syntax],
  ['a condition without an operator', policy({ ...allow, Condition: { 'aws:SourceVpc': 'vpc-1' } }), syntax],
  ['a user without an account', policy({ ...allow, Principal: { AWS: 'arn:aws:iam:::user/a' } }), principal],
  ['an account of eleven digits', policy({ ...allow, Principal: { AWS: '12345678901' } }), principal],
  ['an unknown kind of principal', policy({ ...allow, Principal: { Robot: 'a' } }), principal],
  [
    'a service that is none',
    policy({ ...allow, Principal: { Service: 'lambda' } }),
    'This resource policy contains an unsupported service principal.',
  ],
])('%s is a MalformedPolicyDocumentException that changes nothing', async (_what, text, Message) => {
  const call = await started();
  await put(call, policy(allow));
  expect((await put(call, text)).body).toEqual({ __type: 'MalformedPolicyDocumentException', Message });
  expect((await call('ValidateResourcePolicy', { ResourcePolicy: text })).body.__type).toBe(
    'MalformedPolicyDocumentException',
  );
  expect(await stored(call)).toBe(policy(allow));
});

it('a policy has at most 20,480 characters', async () => {
  const call = await started();
  const padded = (length: number) => policy(allow).padEnd(length);
  expect((await put(call, padded(20_480))).status).toBe(200);
  expect((await put(call, padded(20_481))).body.__type).toBe('ValidationException');
});

it.each([
  ['everyone', [everyone], false],
  ['everyone as an AWS principal', [{ ...allow, Principal: { AWS: ['123456789012', '*'] } }], false],
  ['everyone but one', [{ ...allow, Principal: undefined, NotPrincipal: { AWS: '123456789012' } }], false],
  [
    'everyone through a wildcard VPC',
    [{ ...everyone, Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } }],
    false,
  ],
  ['everyone outside a VPC', [{ ...everyone, Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } }], false],
  ['everyone in one VPC', [{ ...everyone, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }], true],
  ['one role', [allow], true],
  ['denied to everyone in part', [{ ...everyone, Effect: 'Deny' }], true],
])('BlockPublicPolicy and a policy for %s', async (_who, statements, accepted) => {
  const call = await started();
  const text = policy(...statements);
  const blocked = await put(call, text, { BlockPublicPolicy: true });
  expect(blocked.body.__type).toBe(accepted ? undefined : 'PublicPolicyException');
  expect((await call('ValidateResourcePolicy', { SecretId: 's', ResourcePolicy: text })).body).toMatchObject({
    PolicyValidationPassed: accepted,
    ValidationErrors: accepted ? [] : [{ CheckName: 'PUBLIC_ACCESS' }],
  });
  expect((await put(call, text)).status, 'not blocked unless asked').toBe(200);
});

it('a policy that nobody could change again is refused', async () => {
  const call = await started();
  const text = policy({ ...everyone, Effect: 'Deny', Action: 'secretsmanager:*' });
  expect((await put(call, text)).body.Message).toBe(
    'Your requested changes will not allow you to manage this secret in the future.',
  );
  expect((await call('ValidateResourcePolicy', { ResourcePolicy: text })).body).toMatchObject({
    PolicyValidationPassed: false,
    ValidationErrors: [{ CheckName: 'LOCKOUT' }],
  });
  expect(await stored(call)).toBeUndefined();
});

it('a secret that is absent or deleted has no policy to speak of', async () => {
  const call = await started();
  const operations = ['PutResourcePolicy', 'GetResourcePolicy', 'DeleteResourcePolicy', 'ValidateResourcePolicy'];
  const types = async (SecretId: string) =>
    Promise.all(
      operations.map(async (name) => (await call(name, { SecretId, ResourcePolicy: policy(allow) })).body.__type),
    );
  expect(new Set(await types('absent'))).toEqual(new Set(['ResourceNotFoundException']));
  await call('DeleteSecret', { SecretId: 's' });
  expect(new Set(await types('s'))).toEqual(new Set(['InvalidRequestException']));
});
