// A service with many secrets on a port of its own, for the load tests. Started by them:
// node load-server.ts <number of secrets> [<data folder>]; tells its port when it is ready.
import { writeSync } from 'node:fs';
import { LocalSecretsManager } from '../src/local-secrets-manager.ts';

const [count = '0', dataFolder] = process.argv.slice(2);
const local = dataFolder === undefined ? new LocalSecretsManager() : await LocalSecretsManager.open({ dataFolder });
const door = local.requestHandler();

async function create(index: number): Promise<void> {
  const input = {
    Name: `load/secret-${index}`,
    ClientRequestToken: `first-version-of-${index}`.padEnd(40, '.'),
    SecretString: JSON.stringify({
      engine: 'postgres',
      host: 'db',
      username: `user-${index}`,
      password: `pw-${index}`,
    }),
    Tags: [{ Key: 'team', Value: `team-${index % 10}` }],
  };
  const headers = { 'x-amz-target': 'secretsmanager.CreateSecret' };
  const { response } = await door.handle({ headers, body: JSON.stringify(input) });
  if (response.statusCode !== 200) throw new Error(new TextDecoder().decode(response.body));
}

// Many at a time, so that they share the commits of a data folder.
for (let start = 0; start < Number(count); start += 1000) {
  const some = Math.min(1000, Number(count) - start);
  await Promise.all(Array.from({ length: some }, (_, index) => create(start + index)));
}
local.timeline.clear();
const { port } = await local.listen();
writeSync(1, `${port}\n`);
