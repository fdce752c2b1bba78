// A process that writes until it is killed, and tells of each write that was answered. Started by the crash tests:
// node writer.ts <folder> <number of this run> <after-writing | before-writing>
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { LocalSecretsManager } from '../src/local-secrets-manager.ts';

// It ends by being killed: what was compiled would be lost with it.
flushCompileCache();

const [folder = '', run = '', acknowledge = ''] = process.argv.slice(2);
const local = await LocalSecretsManager.open({
  dataFolder: folder,
  acknowledge: acknowledge as 'after-writing' | 'before-writing',
});
const door = local.requestHandler();

async function call(operation: string, input: Record<string, unknown>): Promise<void> {
  const headers = { 'x-amz-target': `secretsmanager.${operation}` };
  const { response } = await door.handle({ headers, body: JSON.stringify(input) });
  if (response.statusCode !== 200) throw new Error(new TextDecoder().decode(response.body));
}

/** One line for each answered write: what must be found after the crash. */
function answered(fact: Record<string, unknown>): void {
  writeSync(1, `${JSON.stringify(fact)}\n`);
}

async function work(worker: number): Promise<never> {
  for (let round = 0; ; round++) {
    const name = `run-${run}/worker-${worker}/${round}`;
    const id = (step: string): string => `${name}/${step}`.replaceAll('/', '-').padEnd(40, '.');
    const filler = 'x'.repeat((round * 37) % 2000);
    const put = (step: string, more = {}): Promise<void> =>
      call('PutSecretValue', {
        SecretId: name,
        ClientRequestToken: id(step),
        SecretString: `${step} ${filler}`,
        ...more,
      });
    await call('CreateSecret', { Name: name, ClientRequestToken: id('first'), SecretString: `first ${filler}` });
    answered({ name, id: id('first'), value: `first ${filler}` });
    await put('second');
    answered({ name, id: id('second'), value: `second ${filler}` });
    await put('blue', { VersionStages: ['BLUE'] });
    answered({ name, id: id('blue'), value: `blue ${filler}` });
    await call('UpdateSecretVersionStage', {
      SecretId: name,
      VersionStage: 'BLUE',
      MoveToVersionId: id('first'),
      RemoveFromVersionId: id('blue'),
    });
    answered({ name, label: 'BLUE', id: id('first') });
    await call('TagResource', { SecretId: name, Tags: [{ Key: 'round', Value: String(round) }] });
    answered({ name, tag: String(round) });
    if (round % 4 !== 3) continue;
    await call('DeleteSecret', { SecretId: name, ForceDeleteWithoutRecovery: true });
    answered({ name, deleted: true });
  }
}

await Promise.all(Array.from({ length: 16 }, (_, worker) => work(worker)));
