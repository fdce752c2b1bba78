import { request } from 'node:http';
import { expect, it } from 'vitest';
import { service, token } from '../../testing/service.ts';

interface Reply {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

function send(
  port: number,
  options: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', headers = {}, body = '' } = options;
    const sent = request({ host: '127.0.0.1', port, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: JSON.parse(Buffer.concat(chunks).toString()),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const target = (operation: string) => ({ 'x-amz-target': `secretsmanager.${operation}` });

it('answers AWS JSON 1.1 with a request id, errors too', async () => {
  const { port } = await service().listen();
  const reply = await send(port, { headers: target('DescribeSecret'), body: '{"SecretId":"absent"}' });
  expect(reply.status).toBe(400);
  expect(reply.headers).toMatchObject({
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(reply.body).toEqual({
    __type: 'ResourceNotFoundException',
    Message: "Secrets Manager can't find the specified secret.",
  });
});

it('listens on 127.0.0.1 alone', async () => {
  const { url, port } = await service().listen();
  expect(url).toBe(`http://127.0.0.1:${port}`);
  await expect(
    new Promise((_resolve, reject) => request({ host: '127.0.0.2', port }).on('error', reject).end()),
  ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

it('without a target, or with one of another service, there is no operation', async () => {
  const { port } = await service().listen();
  for (const headers of [{}, { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, target('Get/../Secret')]) {
    const reply = await send(port, { headers, body: '{}' });
    expect([reply.status, reply.body.__type]).toEqual([400, 'UnknownOperationException']);
  }
});

it('takes POST only', async () => {
  const { port } = await service().listen();
  expect((await send(port, { method: 'GET', headers: target('ListSecrets') })).status).toBe(405);
});

it('does not answer under a name that is not of this machine', async () => {
  const { port } = await service().listen();
  const under = async (host: string) =>
    (await send(port, { headers: { ...target('ListSecrets'), host }, body: '{}' })).status;
  expect(await under(`evil.example:${port}`)).toBe(403);
  expect(await under('127.0.0.1.evil.example')).toBe(403);
  expect(await under(`localhost:${port}`)).toBe(200);
  expect(await under('secretsmanager.us-east-1.localhost')).toBe(200);
});

it('a body that is too large is refused, and not kept', async () => {
  const { port } = await service().listen();
  const body = JSON.stringify({ Name: 's', ClientRequestToken: token(), SecretString: 'x'.repeat(3_000_000) });
  const reply = await send(port, { headers: target('CreateSecret'), body });
  expect([reply.status, reply.body.__type]).toEqual([413, 'RequestEntityTooLargeException']);
});

it('the largest value passes however it is escaped', async () => {
  const { port } = await service().listen();
  const escaped = '\\u0041'.repeat(65_536);
  const body = `{"Name":"s","ClientRequestToken":"${token()}","SecretString":"${escaped}"}`;
  expect((await send(port, { headers: target('CreateSecret'), body })).status).toBe(200);
});

it('a client that goes away in the middle of its body has made no call', async () => {
  const local = service();
  const { port } = await local.listen();
  const headers = { ...target('CreateSecret'), 'content-length': '1000' };
  const broken = request({ host: '127.0.0.1', port, method: 'POST', headers, agent: false });
  const failed = new Promise((resolve) => broken.on('error', resolve));
  broken.write('{"Name":');
  await new Promise((resolve) => setImmediate(resolve));
  broken.destroy();
  await failed;
  expect((await send(port, { headers: target('ListSecrets'), body: '{}' })).body.SecretList).toEqual([]);
  expect(local.timeline.of('call').map(({ operation }) => operation)).toEqual(['ListSecrets']);
});

it('callers are told apart by their access key ids', async () => {
  const local = service();
  const { port } = await local.listen();
  const authorization =
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0';
  await send(port, { headers: { ...target('ListSecrets'), authorization }, body: '{}' });
  await send(port, { headers: target('ListSecrets'), body: '{}' });
  expect(local.timeline.of('call').map(({ caller }) => caller)).toEqual(['AKIDEXAMPLE', 'anonymous']);
});

it('a port in use is an error, and close frees it', async () => {
  const local = service();
  const { port, close } = await local.listen();
  await expect(local.listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await close();
  expect((await local.listen({ port })).port).toBe(port);
});
