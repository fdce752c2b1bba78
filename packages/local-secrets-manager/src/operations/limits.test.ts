import { describe, expect, it } from 'vitest';
import { type RawCall, rawCaller, service, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';

const HOUR_MS = 60 * 60 * 1000;

describe('raw requests', () => {
  it.each([
    ['CreateSecret', 'InvalidRequestException'],
    ['UpdateSecret', 'InvalidRequestException'],
    ['PutSecretValue', 'InvalidRequestException'],
    ['RotateSecret', 'InvalidParameterException'],
  ])('fact 16: %s without a ClientRequestToken is an %s', async (operation, type) => {
    const call = rawCaller(service());
    await call('CreateSecret', { Name: 's', SecretString: 'S0', ClientRequestToken: token() });
    const { status, body } = await call(operation, { Name: 'new', SecretId: 's', SecretString: 'S1' });
    expect({ status, body }).toEqual({
      status: 400,
      body: { __type: type, Message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.' },
    });
  });

  it('an operation that does not exist is an UnknownOperationException', async () => {
    const call = rawCaller(service());
    expect((await call('Nonsense', {})).body.__type).toBe('UnknownOperationException');
    expect((await call('AssociateSecretLabels', { SecretId: 's' })).body.__type).toBe('UnknownOperationException');
    expect((await call('__proto__', {})).body.__type).toBe('UnknownOperationException');
  });

  it('members that are null count as absent, nested ones too', async () => {
    const call = rawCaller(service());
    await call('CreateSecret', { Name: 's', SecretString: 'S0', SecretBinary: null, ClientRequestToken: token() });
    const RotationRules = { AutomaticallyAfterDays: 1, ScheduleExpression: null };
    const { body } = await call('RotateSecret', { SecretId: 's', ClientRequestToken: token(), RotationRules });
    expect(body.Message).toBe('No Lambda rotation function ARN is associated with this secret.');
  });

  it('a label may have any name', async () => {
    const local = service();
    const call = rawCaller(local);
    await call('CreateSecret', { Name: 's', SecretString: 'S0', ClientRequestToken: token() });
    const put = {
      SecretId: 's',
      SecretString: 'S1',
      ClientRequestToken: token(),
      VersionStages: ['__proto__', 'constructor'],
    };
    expect((await call('PutSecretValue', put)).body.VersionStages).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(local.timeline.of('labels').at(-1)?.labels ?? {})).toContain('__proto__');
  });

  it.each(['{"SecretId": "a', '[]', '"text"', 'null', '7'])('the body %s is a SerializationException', async (body) => {
    const reply = await rawCaller(service())('GetSecretValue', body);
    expect(reply).toEqual({
      status: 400,
      body: { __type: 'SerializationException', Message: 'The request body is not a JSON object.' },
    });
  });

  it('a wrong JSON type is a SerializationException that does not repeat the value', async () => {
    const { body } = await rawCaller(service())('CreateSecret', {
      Name: 's',
      ClientRequestToken: token(),
      SecretString: 918273645,
    });
    expect(body.__type).toBe('SerializationException');
    expect(JSON.stringify(body)).not.toContain('918273645');
  });
});

describe('the constraints of the API model', () => {
  const started = async (clock = new ManualClock()) => {
    const call = rawCaller(service({ clock }));
    await call('CreateSecret', { Name: 's', SecretString: 'S0', ClientRequestToken: token() });
    const put = (input: Record<string, unknown>) =>
      call('PutSecretValue', { SecretId: 's', ClientRequestToken: token(), ...input });
    return { call, put, clock };
  };

  it('fact 9: a value holds 65,536 bytes and not one more', async () => {
    const { put } = await started();
    expect((await put({ SecretString: 'x'.repeat(65_536) })).status).toBe(200);
    const refused = {
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536",
    };
    expect((await put({ SecretString: 'x'.repeat(65_537) })).body).toEqual(refused);
    expect((await put({ SecretString: 'é'.repeat(32_769) })).body).toEqual(refused);
    expect((await put({ SecretBinary: Buffer.alloc(65_536).toString('base64') })).status).toBe(200);
    expect((await put({ SecretBinary: Buffer.alloc(65_537).toString('base64') })).body.__type).toBe(
      'ValidationException',
    );
    expect((await put({ SecretBinary: '?' })).body.__type).toBe('ValidationException');
  });

  it('a value is a string or binary, not both, not neither, not empty', async () => {
    const { put } = await started();
    expect((await put({})).body.__type).toBe('InvalidRequestException');
    expect((await put({ SecretString: 'a', SecretBinary: 'YQ==' })).body.__type).toBe('InvalidParameterException');
    expect((await put({ SecretString: '' })).body.__type).toBe('ValidationException');
  });

  it('fact 8: a token has 32 to 64 characters', async () => {
    const { put } = await started();
    const withToken = (length: number) =>
      put({ SecretString: 'S1', ClientRequestToken: 't'.repeat(length), VersionStages: [`L${length}`] });
    expect((await withToken(32)).status).toBe(200);
    expect((await withToken(64)).status).toBe(200);
    const refused = {
      __type: 'InvalidParameterException',
      Message: 'ClientRequestToken must be 32-64 characters long.',
    };
    expect((await withToken(31)).body).toEqual(refused);
    expect((await withToken(65)).body).toEqual(refused);
  });

  it('fact 9: VersionStages has 1 to 20 labels of 1 to 256 characters', async () => {
    const { put } = await started();
    const withLabels = async (VersionStages: unknown) =>
      (await put({ SecretString: 'S1', VersionStages })).body.__type ?? 'ok';
    expect(await withLabels([])).toBe('ValidationException');
    expect(await withLabels(Array.from({ length: 21 }, (_, index) => `L${index}`))).toBe('ValidationException');
    expect(await withLabels(['x'.repeat(257)])).toBe('ValidationException');
    expect(await withLabels([''])).toBe('ValidationException');
    expect(await withLabels(['x'.repeat(256)])).toBe('ok');
  });

  it('fact 9: a secret has at most 20 labels, and one more changes nothing', async () => {
    const { call, put } = await started();
    const nineteen = Array.from({ length: 19 }, (_, index) => `L${index}`);
    expect((await put({ SecretString: 'S1', VersionStages: nineteen })).status).toBe(200);
    const before = await call('ListSecretVersionIds', { SecretId: 's', IncludeDeprecated: true });
    expect((await put({ SecretString: 'S2', VersionStages: ['L19'] })).body.__type).toBe('LimitExceededException');
    expect(await call('ListSecretVersionIds', { SecretId: 's', IncludeDeprecated: true })).toEqual(before);
  });

  const versionsOf = async (call: RawCall) => {
    const ids: unknown[] = [];
    let NextToken: unknown;
    do {
      const { body } = await call('ListSecretVersionIds', { SecretId: 's', IncludeDeprecated: true, NextToken });
      ids.push(...(body.Versions as unknown[]));
      NextToken = body.NextToken;
    } while (NextToken !== undefined);
    return ids;
  };

  it('fact 9: a secret has at most 100 versions, and the 101st within 24 hours changes nothing', async () => {
    const { call, put, clock } = await started();
    for (let value = 1; value < 100; value++) expect((await put({ SecretString: `S${value}` })).status).toBe(200);
    const before = await versionsOf(call);
    expect(before).toHaveLength(100);
    expect((await put({ SecretString: 'one more' })).body.__type).toBe('LimitExceededException');
    clock.advance(24 * HOUR_MS - 1);
    expect((await put({ SecretString: 'one more' })).body.__type).toBe('LimitExceededException');
    expect(await versionsOf(call)).toEqual(before);
  });

  it('fact 9: versions without a label go when there are more than 100 and they are 24 hours old', async () => {
    const { call, put, clock } = await started();
    for (let value = 1; value < 100; value++) await put({ SecretString: `S${value}` });
    clock.advance(24 * HOUR_MS);
    expect((await put({ SecretString: 'after 24 hours' })).status).toBe(200);
    expect(await versionsOf(call)).toHaveLength(100);
  });

  it('names of secrets have at most 512 characters, ids of secrets at most 2,048', async () => {
    const call = rawCaller(service());
    expect((await call('CreateSecret', { Name: 'n'.repeat(512), ClientRequestToken: token() })).status).toBe(200);
    expect((await call('CreateSecret', { Name: 'n'.repeat(513), ClientRequestToken: token() })).body.__type).toBe(
      'ValidationException',
    );
    expect((await call('DescribeSecret', { SecretId: 'n'.repeat(2049) })).body.__type).toBe('ValidationException');
    expect((await call('DescribeSecret', {})).body.message).toBe(
      "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
    );
  });

  it('all broken constraints are told at once', async () => {
    const { body } = await rawCaller(service())('ListSecrets', {
      MaxResults: 101,
      SortOrder: 'sideways',
      NextToken: '',
    });
    expect(body.message).toBe(
      "3 validation errors detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100; Value at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [asc, desc]",
    );
  });

  it('fact 27: rotation rules are days or a schedule, in the shape of the model', async () => {
    const { call } = await started();
    const rotate = async (RotationRules: unknown) =>
      (await call('RotateSecret', { SecretId: 's', ClientRequestToken: token(), RotationRules })).body.__type;
    expect(await rotate({ AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(4 hours)' })).toBe(
      'InvalidParameterException',
    );
    expect(await rotate({ AutomaticallyAfterDays: 0 })).toBe('ValidationException');
    expect(await rotate({ AutomaticallyAfterDays: 1001 })).toBe('ValidationException');
    expect(await rotate({ Duration: '3hours' })).toBe('ValidationException');
    expect(await rotate({ ScheduleExpression: 'rate(4; hours)' })).toBe('ValidationException');
  });

  it('RecoveryWindowInDays is 7 to 30, and not with force', async () => {
    const { call } = await started();
    const remove = async (input: Record<string, unknown>) =>
      (await call('DeleteSecret', { SecretId: 's', ...input })).body.__type;
    expect(await remove({ RecoveryWindowInDays: 6 })).toBe('InvalidParameterException');
    expect(await remove({ RecoveryWindowInDays: 31 })).toBe('InvalidParameterException');
    expect(await remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true })).toBe(
      'InvalidParameterException',
    );
    expect((await call('GetSecretValue', { SecretId: 's' })).status).toBe(200);
  });

  it('a secret is gone when its recovery window is over, and not before', async () => {
    const { call, clock } = await started();
    await call('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 });
    clock.advance(7 * 24 * HOUR_MS - 1);
    expect((await call('DescribeSecret', { SecretId: 's' })).status).toBe(200);
    clock.advance(1);
    expect((await call('DescribeSecret', { SecretId: 's' })).body.__type).toBe('ResourceNotFoundException');
  });
});
