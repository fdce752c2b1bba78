import { expect, it } from 'vitest';
import { bundle } from '../../testing/bundle.ts';
import { rawCaller, service, token } from '../../testing/service.ts';

const SecretId = 'app/db';

it.each<[string, string, string, RegExp]>([
  ['throws on load', "throw new Error('no such library');", 'createSecret', /no such library/],
  ['has a syntax error', 'export const handler = (', 'createSecret', /Unexpected/],
  ['exports no handler', 'export const other = 1;', 'createSecret', /undefined or not exported/],
  ['never loads', 'await new Promise(() => setInterval(() => {}, 1000));', 'createSecret', /Init timed out/],
  [
    'never returns',
    'export const handler = () => new Promise(() => setInterval(() => {}, 1000));',
    'createSecret',
    /Task timed out/,
  ],
  ['exits', 'export const handler = () => process.exit(7);', 'createSecret', /exit status 7/],
  ['exits while it loads', 'process.exit(0);', 'createSecret', /exited without providing a reason/],
  [
    'prints garbage and does nothing',
    `export const handler = () => {
      process.stdout.write(Buffer.from([0, 255, 254, 10, 0xc3, 0x28]));
      process.stderr.write('{"__type":"RotationSucceeded"}\\u0007');
      return '}{';
    };`,
    'finishSecret',
    /^$/,
  ],
])(
  'a bundle that %s: the service says which step failed, and what was stored stays',
  async (_what, source, step, error) => {
    const local = service({ rotation: { attempts: 2 } });
    const call = rawCaller(local);
    const { target } = bundle(source, { timeoutMs: 300, initTimeoutMs: 1500 });
    const RotationLambdaARN = local.registerFunction('rotate-db', target);
    const [v1, v2, v3] = [token(), token(), token()];
    await call('CreateSecret', { Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 });
    await call('PutSecretValue', { SecretId, SecretString: 'S1', ClientRequestToken: v2 });
    await call('RotateSecret', { SecretId, RotationLambdaARN, ClientRequestToken: v3 });
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed', attempts: 2 });
    expect(local.timeline.of('rotation').at(-1)).toMatchObject({
      event: 'RotationFailed',
      errorMessage: `Error when executing lambda ${RotationLambdaARN} during ${step} step`,
    });
    const failed = local.timeline.of('step').filter(({ outcome }) => outcome === 'error');
    expect(failed[0]?.error?.errorMessage ?? '').toMatch(error);
    // What the service itself leaves behind is the version without a value (fact 23).
    const { body } = await call('DescribeSecret', { SecretId });
    expect(body.VersionIdsToStages).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT'], [v3]: ['AWSPENDING'] });
    expect(body.LastRotatedDate).toBeUndefined();
    const read = async (VersionId: string) => (await call('GetSecretValue', { SecretId, VersionId })).body;
    expect([(await read(v1)).SecretString, (await read(v2)).SecretString]).toEqual(['S0', 'S1']);
    expect((await read(v3)).__type).toBe('ResourceNotFoundException');
  },
);
