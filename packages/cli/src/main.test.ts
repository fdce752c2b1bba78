import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bundleFile, keyturn } from '../testing/keyturn.ts';

it.each([[[]], [['--help']], [['-h']], [['help']]])('%j lists the commands', async (args) => {
  const { code, stdout, stderr } = await keyturn(...args);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: keyturn COMMAND \[OPTIONS\]\n/);
  expect(stdout).toMatch(/^ {2}local +run a local AWS Secrets Manager/m);
});

it.each([[['local', '--help']], [['local', '-h']], [['help', 'local']]])('%j tells about the command', async (args) => {
  const { code, stdout } = await keyturn(...args);
  expect(code).toBe(0);
  const flags = ['function', 'env', 'port', 'host', 'fault', 'latency', 'data', 'quotas', 'clock', 'json', 'help'];
  for (const flag of flags) expect(stdout).toContain(`--${flag}`);
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(112);
});

it('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(await keyturn('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

const bundle = "export const handler = () => 'done';";

it.each([
  [['rotate'], 'There is no command "rotate". There is: init, local. See keyturn --help.'],
  [['local', '--prot', '1'], "Unknown option '--prot'. See keyturn local --help."],
  [['local', 'index.mjs'], /^Unexpected argument 'index\.mjs'.* See keyturn local --help\.$/],
  [['local', '--port', '1', '--port', '2'], '--port takes one value only. See keyturn local --help.'],
  [['local', '--port', 'x'], '--port x: a port is a number from 0 to 65535; 0 takes a free one.'],
  [['local', '--port', '65536'], '--port 65536: a port is a number from 0 to 65535; 0 takes a free one.'],
  [['local', '--host', 'example.com'], /^--host example\.com: write an IP address/],
  [['local', '--latency', '-1'], /--latency/],
  [['local', '--latency', 'fast'], '--latency fast: write milliseconds, such as 20.'],
  [['local', '--clock', 'tomorrow'], /^--clock tomorrow: write a time/],
  [['local', '--fault', 'PutSecretValue'], /^--fault PutSecretValue: write OPERATION/],
  [['local', '--function', 'index.mjs'], /^--function index\.mjs: write NAME=bundle\.mjs/],
  [['local', '--function', 'f=absent.mjs'], /there is no file .*absent\.mjs\. Build the bundle first\.$/],
  [['local', '--env', 'f.KEY=x'], '--env f.KEY: there is no function f; no function is given.'],
])('%j is refused with what to write instead', async (args, message) => {
  const { code, stdout, stderr } = await keyturn(...args);
  expect([code, stdout]).toEqual([2, '']);
  const told = stderr.replace(/^keyturn: /, '').trimEnd();
  if (typeof message === 'string') expect(told).toBe(message);
  else expect(told).toMatch(message);
  expect(stderr).not.toContain('    at ');
});

it('what follows --env KEY= is not repeated in an error', async () => {
  const { stderr } = await keyturn('local', '--function', `f=${bundleFile(bundle)}`, '--env', 'g.K Y=private');
  expect(stderr).toContain('--env: write NAME.KEY=value');
  expect(stderr).not.toContain('private');
});
