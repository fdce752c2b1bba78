import { createHash, createHmac } from 'node:crypto';
import { CreateAccessKeyCommand, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Account, type StoredUser } from './account.ts';
import { openDoor, type QueryDoor } from './aws-double.ts';

/** A request as a client of our own signs it; every part of it can be made wrong. */
interface Draft {
  accessKeyId: string;
  secret: string;
  token: string | undefined;
  body: string;
  service: string;
  region: string;
  at: Date;
  method: string;
  path: string;
  contentType: string;
  sign: readonly string[];
  /** Changes what is sent after it was signed. */
  tamper: (headers: Record<string, string>) => void;
  sentBody: string | undefined;
}

const account = new Account();
let door: QueryDoor;
let user: StoredUser;
let role: ReturnType<Account['addRole']>;

beforeAll(async () => {
  door = await openDoor(account);
  user = account.addUser('app');
  role = account.addRole('function', (_, resource) => resource === user.arn);
});
afterAll(() => door.close());

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Signs by the letter of the signing process, without the SDK, and sends it. */
async function send(change: Partial<Draft>): Promise<{ status: number; code: string | undefined; text: string }> {
  const draft: Draft = {
    accessKeyId: role.accessKeyId,
    secret: role.secretAccessKey,
    token: role.sessionToken,
    body: 'Action=ListAccessKeys&Version=2010-05-08&UserName=app',
    service: 'iam',
    region: 'us-east-1',
    at: new Date(),
    method: 'POST',
    path: '/',
    contentType: 'application/x-www-form-urlencoded',
    sign: ['content-type', 'host', 'x-amz-date', 'x-amz-security-token'],
    tamper: () => undefined,
    sentBody: undefined,
    ...change,
  };
  const time = draft.at.toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    'content-type': draft.contentType,
    host: new URL(door.url).host,
    'x-amz-date': time,
    ...(draft.token === undefined ? {} : { 'x-amz-security-token': draft.token }),
  };
  const names = draft.sign.filter((name) => headers[name] !== undefined);
  const canonical = [
    draft.method,
    draft.path,
    '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(draft.body),
  ].join('\n');
  const scope = [time.slice(0, 8), draft.region, draft.service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${draft.secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')).toString(
    'hex',
  );
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${draft.accessKeyId}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  draft.tamper(headers);
  const response = await fetch(`${door.url}${draft.path}`, {
    method: draft.method,
    headers,
    ...(draft.method === 'GET' ? {} : { body: draft.sentBody ?? draft.body }),
  });
  const text = await response.text();
  return { status: response.status, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1], text };
}

test('a request signed by hand, by the letter of the signing process, is answered', async () => {
  const { status, text } = await send({});
  expect([
    status,
    text.startsWith('<ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'),
  ]).toEqual([200, true]);
});

const minutes = 60_000;
const wrong: [name: string, code: string, change: Partial<Draft>][] = [
  ['no signature', 'MissingAuthenticationToken', { tamper: (headers) => delete headers.authorization }],
  ['another scheme', 'IncompleteSignature', { tamper: (headers) => (headers.authorization = 'Bearer x') }],
  [
    'a signature cut off',
    'IncompleteSignature',
    { tamper: (h) => (h.authorization = h.authorization?.slice(0, -1) ?? '') },
  ],
  ['a wrong secret', 'SignatureDoesNotMatch', { secret: 'not the secret' }],
  [
    'a body that was not signed',
    'SignatureDoesNotMatch',
    { sentBody: 'Action=ListAccessKeys&Version=2010-05-08&UserName=root' },
  ],
  ['a date that was not signed', 'SignatureDoesNotMatch', { sign: ['content-type', 'host', 'x-amz-security-token'] }],
  ['a token that was not signed', 'SignatureDoesNotMatch', { sign: ['content-type', 'host', 'x-amz-date'] }],
  [
    'a host that was not signed',
    'SignatureDoesNotMatch',
    { sign: ['content-type', 'x-amz-date', 'x-amz-security-token'] },
  ],
  ['a clock ten minutes late', 'SignatureDoesNotMatch', { at: new Date(Date.now() - 10 * minutes) }],
  ['a clock ten minutes early', 'SignatureDoesNotMatch', { at: new Date(Date.now() + 10 * minutes) }],
  ['another service’s scope', 'SignatureDoesNotMatch', { service: 's3' }],
  ['another Region’s scope', 'SignatureDoesNotMatch', { region: 'ap-south-1' }],
  ['an unknown key', 'InvalidClientTokenId', { accessKeyId: 'AKIAUNKNOWNUNKNOWN22' }],
  ['no session token', 'InvalidClientTokenId', { token: undefined }],
  ['a wrong session token', 'InvalidClientTokenId', { token: 'x'.repeat(64) }],
  ['GET', 'InvalidAction', { method: 'GET', body: '' }],
  ['another path', 'InvalidAction', { path: '/keys' }],
  ['JSON', 'MalformedQueryString', { contentType: 'application/x-amz-json-1.1' }],
  ['no action', 'InvalidAction', { body: 'Version=2010-05-08&UserName=app' }],
  ['an action of Object', 'InvalidAction', { body: 'Action=constructor&Version=2010-05-08' }],
  [
    'an action that a rotation has no need of',
    'InvalidAction',
    { body: 'Action=DeleteUser&Version=2010-05-08&UserName=app' },
  ],
  ['no version', 'InvalidAction', { body: 'Action=ListAccessKeys&UserName=app' }],
  ['the other service’s version', 'InvalidAction', { body: 'Action=ListAccessKeys&Version=2011-06-15&UserName=app' }],
  ['the other service’s action', 'InvalidAction', { body: 'Action=GetCallerIdentity&Version=2010-05-08' }],
  ['no user name', 'ValidationError', { body: 'Action=ListAccessKeys&Version=2010-05-08' }],
  ['an empty user name', 'ValidationError', { body: 'Action=ListAccessKeys&Version=2010-05-08&UserName=' }],
  ['a user name with a blank', 'ValidationError', { body: 'Action=ListAccessKeys&Version=2010-05-08&UserName=a%20b' }],
  [
    'a parameter twice',
    'MalformedQueryString',
    { body: 'Action=ListAccessKeys&Version=2010-05-08&UserName=app&UserName=b' },
  ],
  ['an unknown parameter', 'ValidationError', { body: 'Action=ListAccessKeys&Version=2010-05-08&UserName=app&X=1' }],
  ['a user that it may not see', 'AccessDenied', { body: 'Action=ListAccessKeys&Version=2010-05-08&UserName=other' }],
  ['a deletion without an id', 'ValidationError', { body: 'Action=DeleteAccessKey&Version=2010-05-08&UserName=app' }],
  [
    'an id too short',
    'ValidationError',
    { body: 'Action=DeleteAccessKey&Version=2010-05-08&UserName=app&AccessKeyId=AKIA' },
  ],
  [
    'a key that there is not',
    'NoSuchEntity',
    { body: 'Action=DeleteAccessKey&Version=2010-05-08&UserName=app&AccessKeyId=AKIAUNKNOWNUNKNOWN22' },
  ],
  [
    'a status that there is not',
    'ValidationError',
    { body: 'Action=UpdateAccessKey&Version=2010-05-08&UserName=app&AccessKeyId=AKIAUNKNOWNUNKNOWN22&Status=Off' },
  ],
];

describe('the double refuses', () => {
  test.each(wrong)('%s: %s', async (_, code, change) => {
    expect((await send(change)).code).toBe(code);
  });

  test('an expired session', async () => {
    const old = account.addRole('old', () => true, true);
    const { code } = await send({ accessKeyId: old.accessKeyId, secret: old.secretAccessKey, token: old.sessionToken });
    expect(code).toBe('ExpiredToken');
  });

  test('an inactive and a deleted key', async () => {
    const key = account.addKey(account.addUser('leaver'));
    const ask: Partial<Draft> = {
      accessKeyId: key.id,
      secret: key.secret,
      token: undefined,
      service: 'sts',
      region: 'eu-west-1',
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    };
    expect((await send(ask)).status).toBe(200);
    key.active = false;
    expect((await send(ask)).code).toBe('InvalidClientTokenId');
    key.active = true;
    key.deleted = true;
    expect((await send(ask)).code).toBe('InvalidClientTokenId');
  });

  test('any request of which one signed byte was changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('x-amz-date', 'x-amz-security-token', 'content-type'),
        fc.nat(),
        async (name, position) => {
          const { status } = await send({
            tamper: (headers) => {
              const value = headers[name] ?? '';
              const at = position % value.length;
              const other = value[at] === 'A' ? 'B' : 'A';
              headers[name] = value.slice(0, at) + other + value.slice(at + 1);
            },
          });
          expect(status).toBeGreaterThanOrEqual(400);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('the SDK’s own requests are answered; no user has three keys; no id comes twice', async () => {
  const iam = new IAMClient({ endpoint: door.url, region: 'us-east-1', credentials: role, maxAttempts: 1 });
  const made = [];
  for (const _ of [1, 2]) made.push((await iam.send(new CreateAccessKeyCommand({ UserName: 'app' }))).AccessKey);
  await expect(iam.send(new CreateAccessKeyCommand({ UserName: 'app' }))).rejects.toMatchObject({
    name: 'LimitExceededException',
  });
  const first = await iam.send(new ListAccessKeysCommand({ UserName: 'app', MaxItems: 1 }));
  const second = await iam.send(new ListAccessKeysCommand({ UserName: 'app', MaxItems: 1, Marker: first.Marker }));
  const listed = [...(first.AccessKeyMetadata ?? []), ...(second.AccessKeyMetadata ?? [])];
  expect(listed.map(({ AccessKeyId }) => AccessKeyId)).toEqual(made.map((key) => key?.AccessKeyId));
  expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
  expect(new Set(made.map((key) => key?.SecretAccessKey)).size).toBe(2);
  expect(made[0]?.SecretAccessKey).toMatch(/^[\w+/]{40}$/);
});
