import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle, bundleFile } from '../../testing/bundle.ts';
import { FunctionError, type FunctionIdentity, type RotationEvent } from '../index.ts';

const event: RotationEvent = {
  Step: 'createSecret',
  SecretId: 'arn',
  ClientRequestToken: 'token',
  RotationToken: 'rotation',
};
const identity: FunctionIdentity = {
  functionName: 'rotate-db',
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:rotate-db',
  region: 'us-east-1',
  accessKeyId: 'ASIALOCAL',
  endpoint: () => undefined,
};

const failure = async (invoked: Promise<unknown>): Promise<FunctionError> => {
  const error = await invoked.then(
    () => undefined,
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(FunctionError);
  return error as FunctionError;
};

describe('a bundle in a process of its own', () => {
  it('gets the event and what Lambda tells an invocation', async () => {
    const { target } = bundle(
      `
      export const handler = async (event, context) => ({
        event, ...context, remaining: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID,
      });`,
      { timeoutMs: 5000 },
    );
    const result = (await target.invoke(event, identity)) as Record<string, unknown>;
    expect(result).toMatchObject({
      event,
      functionName: 'rotate-db',
      functionVersion: '$LATEST',
      invokedFunctionArn: identity.functionArn,
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/rotate-db',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      trace: expect.stringContaining('Root='),
    });
    expect(result.remaining).toBeGreaterThan(4000);
    expect(result.remaining).toBeLessThanOrEqual(5000);
  });

  it("has Lambda's environment and its own variables, and nothing of this process's", async () => {
    process.env.KEYTURN_ONLY_HERE = 'parent';
    const { target } = bundle('export const handler = () => ({ env: process.env, argv: process.argv.slice(2) });', {
      environment: { MINE: 'yes', AWS_REGION: 'eu-central-1' },
      memoryMb: 256,
    });
    const { env, argv } = (await target.invoke(event, { ...identity, endpoint: () => 'http://127.0.0.1:4580' })) as {
      env: Record<string, string>;
      argv: string[];
    };
    delete process.env.KEYTURN_ONLY_HERE;
    const { PATH: _path, SYSTEMROOT: _root, _X_AMZN_TRACE_ID: _trace, ...rest } = env;
    expect(rest).toEqual({
      _HANDLER: 'index.handler',
      AWS_ACCESS_KEY_ID: 'ASIALOCAL',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:4580',
      AWS_EXECUTION_ENV: expect.stringMatching(/^AWS_Lambda_nodejs\d\d\.x$/),
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_NAME: 'rotate-db',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/rotate-db',
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_REGION: 'eu-central-1',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      LAMBDA_TASK_ROOT: expect.stringContaining('keyturn-bundle-'),
      LANG: 'en_US.UTF-8',
      MINE: 'yes',
      SECRETS_MANAGER_ENDPOINT: 'http://127.0.0.1:4580',
      TZ: ':UTC',
    });
    expect(argv).toHaveLength(1);
  });

  it('is kept warm from one invocation to the next, also after an error', async () => {
    const { target } = bundle(`
      let count = 0;
      export const handler = async () => { if (++count === 2) throw new Error('second'); return { count, pid: process.pid }; };`);
    const first = await target.invoke(event, identity);
    await failure(target.invoke(event, identity));
    const third = await target.invoke(event, identity);
    expect([first, third]).toEqual([
      { count: 1, pid: target.pid },
      { count: 3, pid: target.pid },
    ]);
    expect(target.starts).toBe(1);
  });

  it('takes one invocation at a time', async () => {
    const { target } = bundle(`
      let running = 0;
      export const handler = async () => { running += 1; await new Promise(setImmediate); const seen = running; running -= 1; return seen; };`);
    const invoked = await Promise.all(Array.from({ length: 5 }, () => target.invoke(event, identity)));
    expect(invoked).toEqual([1, 1, 1, 1, 1]);
  });

  it('tells a thrown error by its type, message and trace', async () => {
    const { target } = bundle(`
      class RotationError extends Error { name = 'RotationError'; }
      export const handler = async () => { throw new RotationError('[login-failed] no'); };`);
    const error = await failure(target.invoke(event, identity));
    expect(error).toMatchObject({ errorType: 'RotationError', message: '[login-failed] no' });
    expect(error.trace.join('\n')).toContain('index.mjs');
  });

  it('its log lines arrive, from both streams and without a last line end', async () => {
    const { target, lines, line } = bundle(`
      export const handler = async () => { console.log('one\\ntwo'); console.error('three'); process.stdout.write('fo'); process.stdout.write('ur'); };`);
    await target.invoke(event, identity);
    await line('two');
    await line('three');
    await target.close();
    expect(lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual(['one', 'two', 'four']);
    expect(lines.filter(({ stream }) => stream === 'stderr').map(({ text }) => text)).toEqual(['three']);
  });

  it('may be any file and any export', async () => {
    const file = bundleFile(
      'export const rotate = () => "rotated"; export default { later: () => "default" };',
      'built.mjs',
    );
    const { target } = bundle('', { file, handler: 'index.rotate' });
    expect(await target.invoke(event, identity)).toBe('rotated');
    const other = bundle('', { file, handler: 'dist/index.later' });
    expect(await other.target.invoke(event, identity)).toBe('default');
  });
});

describe('a process that fails', () => {
  const counting = (then: string): string => `
    import { existsSync, writeFileSync } from 'node:fs';
    const mark = new URL('./started', import.meta.url);
    const first = !existsSync(mark);
    writeFileSync(mark, '');
    export const handler = async () => { if (first) { ${then} } return process.pid; };`;

  it.each([
    ['waits for ever', 'await new Promise(() => setInterval(() => {}, 1000));'],
    ['never lets go of the processor', 'for (;;);'],
  ])('at its time-out it is killed, and started anew for the next invocation: it %s', async (_how, then) => {
    const { target } = bundle(counting(then), { timeoutMs: 500 });
    const invoked = target.invoke(event, identity);
    const error = await failure(invoked);
    expect(error.errorType).toBe('Sandbox.Timedout');
    expect(error.message).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.50 seconds$/);
    expect(await target.invoke(event, identity)).toBe(target.pid);
    expect(target.starts).toBe(2);
  });

  it.each([
    ['process.exit(3);', 'Runtime exited with error: exit status 3'],
    ['process.exit(0);', 'Runtime exited without providing a reason'],
    [
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1000));",
      'Runtime exited with error: signal: killed',
    ],
  ])('that ends itself with %s is told, and started anew', async (then, text) => {
    const { target } = bundle(counting(then));
    const error = await failure(target.invoke(event, identity));
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(error.message).toMatch(new RegExp(`^RequestId: [0-9a-f-]{36} Error: ${text}$`));
    expect(await target.invoke(event, identity)).toBe(target.pid);
  });

  it('that is killed from outside ends its invocation at once', async () => {
    const { target, line } = bundle(
      counting("console.log('running'); await new Promise(() => setInterval(() => {}, 1000));"),
    );
    const invoked = failure(target.invoke(event, identity));
    await line('running');
    target.kill();
    expect((await invoked).message).toContain('Runtime exited with error: signal: killed');
    expect(target.pid).toBeUndefined();
    expect(await target.invoke(event, identity)).toBe(target.pid);
  });

  it('by an error that nobody caught is told with that error', async () => {
    const { target } = bundle(
      counting(
        "setImmediate(() => { throw new TypeError('stray'); }); await new Promise(() => setInterval(() => {}, 1000));",
      ),
    );
    expect(await failure(target.invoke(event, identity))).toMatchObject({
      errorType: 'Runtime.UncaughtException',
      message: 'TypeError: stray',
    });
    expect(await target.invoke(event, identity)).toBe(target.pid);
  });

  it('by a rejection that nobody caught is told with that rejection', async () => {
    const { target } = bundle(
      counting("Promise.reject(new Error('stray')); await new Promise(() => setInterval(() => {}, 1000));"),
    );
    expect(await failure(target.invoke(event, identity))).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      message: 'Error: stray',
    });
  });

  it.each([
    ['a bundle that throws', "throw new Error('on load');", 'Error', 'on load'],
    ['a bundle that is no JavaScript', 'export const handler = ;', 'Runtime.UserCodeSyntaxError', 'Unexpected token'],
    [
      'a bundle that misses a module',
      "import 'not-installed-anywhere'; export const handler = () => 1;",
      'Runtime.ImportModuleError',
      'not-installed-anywhere',
    ],
    [
      'a bundle without the handler',
      'export const other = () => 1;',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    ['a bundle that exits', 'process.exit(7);', 'Runtime.ExitError', 'Runtime exited with error: exit status 7'],
  ])('on load, %s: the invocation says why', async (_what, source, errorType, text) => {
    const { target } = bundle(source);
    const error = await failure(target.invoke(event, identity));
    expect(error.errorType).toBe(errorType);
    expect(error.message).toContain(text);
    expect((await failure(target.invoke(event, identity))).errorType).toBe(errorType);
    expect(target.starts).toBe(2);
  });

  it('a bundle that never finishes loading is killed', async () => {
    const { target } = bundle('await new Promise(() => setInterval(() => {}, 1000));', { initTimeoutMs: 300 });
    expect((await failure(target.invoke(event, identity))).message).toContain('Init timed out after 0.30 seconds');
    expect(target.pid).toBeUndefined();
  });

  it('a file or a Node that is not there is an error of the invocation', async () => {
    const absent = bundle('', { file: join(import.meta.dirname, 'absent.mjs') });
    expect((await failure(absent.target.invoke(event, identity))).errorType).toBe('Runtime.ImportModuleError');
    const noNode = bundle('', { nodePath: join(import.meta.dirname, 'no-node') });
    expect((await failure(noNode.target.invoke(event, identity))).message).toContain(
      'Runtime exited with error: cannot start (ENOENT)',
    );
  });

  it('closing it before its process is there starts none', async () => {
    const { target } = bundle('export const handler = () => 1;');
    const invoked = failure(target.invoke(event, identity));
    while (target.starts === 0) await Promise.resolve();
    await target.close();
    expect((await invoked).message).toContain('signal: killed');
    expect(target.pid).toBeUndefined();
    await expect(target.invoke(event, identity)).rejects.toThrow('The function is closed.');
  });

  it('closing it while it loads ends its process', async () => {
    const { target, line } = bundle("console.log('loading'); await new Promise(() => setInterval(() => {}, 1000));");
    const invoked = failure(target.invoke(event, identity));
    await line('loading');
    const pid = target.pid ?? 0;
    await target.close();
    expect((await invoked).message).toContain('signal: killed');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
