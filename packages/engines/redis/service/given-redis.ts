import { createHash } from 'node:crypto';
import { type DatabaseService, givenService, type RunningService, type ServiceUrl } from '@keyturn/engine-conformance';
import { withClient } from './client.ts';
import { refusesUsername } from './usernames.ts';
import { protocol } from './wire.ts';

/** A Redis or Valkey that somebody has: `redis://admin:password@host:6379?ca=/path`, whose user may do everything. */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'redis', protocol, url, defaultPort: 6379, start: givenRedis });
}

function givenRedis({ host, port, ca, tls, administrator }: ServiceUrl): RunningService {
  const made = new Set<string>();
  const socket = { host, port, ...(tls ? { tls: true as const, ca, servername: host } : {}) };
  const command = (...args: readonly string[]): Promise<unknown> =>
    withClient(socket, administrator, (client) => client.sendCommand([...args]));

  return {
    host,
    port,
    ca,
    administrator,
    // Users are the server's, not a database's.
    database: '0',
    engineName: 'redis',
    async createUser(username, password) {
      made.add(username);
      const rights = ['~app:*', '&app:*', '+@read', '+@write', '+@connection'];
      const ownRights = ['+acl|getuser', '+acl|setuser', '+acl|save', '+config|rewrite'];
      await command('ACL', 'SETUSER', username, 'on', `#${hash(password)}`, ...rights, ...ownRights);
    },
    refusesUsername,
    async execute(statement) {
      const reply = await command(...statement.split(' '));
      return (Array.isArray(reply) ? reply : [reply]).map((one: unknown) => ({ reply: one }));
    },
    async logsIn(username, password) {
      try {
        return await withClient(socket, { username, password }, async () => true);
      } catch (error) {
        if (String(error).includes('WRONGPASS')) return false;
        throw error;
      }
    },
    async hasPassword(username, password) {
      const rules = (await command('ACL', 'LIST')) as string[];
      return rules.some(
        (line) => line.startsWith(`user ${username} `) && line.split(' ').includes(`#${hash(password)}`),
      );
    },
    // What somebody's server logs is not to be had.
    log: () => '',
    async stop() {
      if (made.size > 0) await command('ACL', 'DELUSER', ...made);
    },
  };
}

/** Written again here, so that a fault in the engine's own does not go unseen. */
function hash(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
