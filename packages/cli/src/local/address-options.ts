import { isIP } from 'node:net';
import type { CommandInput } from '../command.ts';
import { WrongUsage } from '../errors.ts';

/** Where to listen, as `LocalSecretsManager.listen` takes it. */
export interface Address {
  readonly port: number;
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly isExposed: boolean;
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;

/** Reads `--port`, `--host`, `--allow-host` and `--expose-to-network`. @throws WrongUsage */
export function readAddress(input: CommandInput): Address {
  const portText = input.value('port') ?? '4580';
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    throw new WrongUsage(`--port ${portText}: a port is a number from 0 to 65535; 0 takes a free one.`);
  }
  const host = input.value('host') ?? '127.0.0.1';
  if (isIP(host) === 0 && host !== 'localhost') {
    throw new WrongUsage(`--host ${host}: write an IP address of this machine, such as 127.0.0.1 or 0.0.0.0.`);
  }
  const isExposed = !LOOPBACK.test(host);
  if (isExposed && !input.has('expose-to-network')) {
    throw new WrongUsage(
      `--host ${host} lets everyone on that network read and change every secret, without a password. If that is meant, add --expose-to-network.`,
    );
  }
  return { port, host, allowedHosts: input.values('allow-host'), isExposed };
}
