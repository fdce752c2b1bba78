import {
  bundleProcess,
  DataFolderError,
  type HttpDoor,
  LocalSecretsManager,
  publishedQuotas,
} from '@keyturn/local-secrets-manager';
import type { Command, CommandInput } from '../command.ts';
import { CommandFailed, WrongUsage } from '../errors.ts';
import { type Address, readAddress } from '../local/address-options.ts';
import { clockHelp, readClock } from '../local/clock-option.ts';
import { faultHelp, readFault } from '../local/fault-options.ts';
import { type NamedFunction, readFunctions } from '../local/function-options.ts';
import { logLine, painter } from '../local/log-line.ts';
import { type StartUp, startUpText } from '../local/start-up.ts';
import { stopped } from '../local/stopped.ts';

/** Serves Secrets Manager on this machine until it is told to end. */
export const command: Command = {
  summary: 'run a local AWS Secrets Manager that rotates with your functions',
  usage: `
Usage: keyturn local [OPTIONS]

Serves the API of AWS Secrets Manager, so that the AWS CLI and any SDK work against it unchanged, and a page
to look at. RotateSecret runs the bundle that is registered under the Lambda function's name.

  keyturn local --function rotate-db=dist/index.mjs --env rotate-db.TLS_CA_FILE=ca.pem
  keyturn local --fault 'PutSecretValue:after:drop:1' --latency 20`,
  options: {
    function: {
      type: 'string',
      multiple: true,
      value: 'NAME=FILE',
      help: 'a built bundle that RotateSecret may invoke under this name;\nNAME=FILE:EXPORT where the export is not called handler',
    },
    env: {
      type: 'string',
      multiple: true,
      value: 'NAME.KEY=VALUE',
      help: "a function's environment variable; KEY=VALUE for all functions.\nOthers on this machine can see it: put no secret here",
    },
    port: { type: 'string', value: 'PORT', help: 'where to listen; 0 takes a free one. Default: 4580' },
    host: { type: 'string', value: 'ADDRESS', help: 'the address to bind. Default: 127.0.0.1, this machine alone' },
    'expose-to-network': {
      type: 'boolean',
      help: 'allow a --host that others can reach: everyone there can read and\nchange every secret, without a password',
    },
    'allow-host': {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'answer under this host name too, such as the name of a container',
    },
    fault: { type: 'string', multiple: true, value: 'FAULT', help: faultHelp },
    latency: { type: 'string', value: 'MS', help: 'how long each call takes at least, in milliseconds' },
    data: {
      type: 'string',
      value: 'DIR',
      help: 'keep everything in this folder, encrypted, over restarts.\nDefault: in memory, gone at the end',
    },
    quotas: { type: 'boolean', help: "throttle calls above the service's published rates" },
    clock: { type: 'string', value: 'CLOCK', help: clockHelp },
    json: { type: 'boolean', help: 'write one JSON object a line instead of text' },
  },
  async run(input) {
    const address = readAddress(input);
    const functions = readFunctions(input.values('function'), input.values('env'));
    const latency = readLatency(input.value('latency'));
    // Asked for before the first line says that it is up: whoever reads that may end it at once.
    const ended = stopped();
    const local = await open(input);
    try {
      local.setFaults([...input.values('fault').map((text) => readFault(text, local.operations)), ...latency]);
      const registered = functions.map((each) => ({ ...each, arn: register(local, each) }));
      const { url } = await listen(local, address);
      const exposedAt = address.isExposed ? address.host : undefined;
      tell(local, input, { url, region: local.region, functions: registered, data: input.value('data'), exposedAt });
      await ended;
    } finally {
      await local.close();
    }
  },
};

async function open(input: CommandInput): Promise<LocalSecretsManager> {
  const settings = {
    clock: readClock(input.value('clock')),
    ...(input.has('quotas') ? { quotas: publishedQuotas } : {}),
  };
  const folder = input.value('data');
  if (folder === undefined) return new LocalSecretsManager(settings);
  try {
    return await LocalSecretsManager.open({ ...settings, dataFolder: folder });
  } catch (error) {
    if (error instanceof DataFolderError) throw new CommandFailed(`--data ${folder}: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandFailed(`--data ${folder}: the folder cannot be used (${code}). Give one that you may write to.`);
  }
}

function register(local: LocalSecretsManager, { name, file, handler, environment }: NamedFunction): string {
  return local.registerFunction(name, bundleProcess({ file, handler, environment, onLog: local.functionLog(name) }));
}

function readLatency(text: string | undefined) {
  if (text === undefined) return [];
  if (!/^\d{1,6}$/.test(text)) throw new WrongUsage(`--latency ${text}: write milliseconds, such as 20.`);
  return [{ action: 'delay', moment: 'before', ms: Number(text) } as const];
}

async function listen(local: LocalSecretsManager, { port, host, allowedHosts }: Address): Promise<HttpDoor> {
  try {
    return await local.listen({ port, host, allowedHosts });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CommandFailed(
        `Port ${port} is in use. End the program that listens there, or take another port: --port ${port + 1}, or --port 0 for a free one.`,
      );
    }
    if (code === 'EACCES')
      throw new CommandFailed(`Port ${port} may not be used by you. Take one above 1023: --port 4580.`);
    if (code === 'EADDRNOTAVAIL')
      throw new CommandFailed(`This machine does not have the address ${host}. Give --host one that it has.`);
    throw error;
  }
}

function tell(local: LocalSecretsManager, input: CommandInput, startUp: StartUp): void {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const json = input.has('json');
  if (json) say(JSON.stringify({ kind: 'started', page: `${startUp.url}/`, ...startUp }));
  else say(startUpText(startUp));
  const paint = painter(process.stdout);
  local.timeline.subscribe((entry) => say(json ? JSON.stringify(entry) : logLine(entry, paint)));
}
