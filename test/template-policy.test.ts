import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type RunningService, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Account } from '../packages/services/iam-access-key/testing/account.ts';
import { openDoor } from '../packages/services/iam-access-key/testing/aws-double.ts';
import { address } from '../packages/services/rds/testing/fleet.ts';
import { findTemplates } from '../scripts/pack/find-templates.ts';
import { ManagedMasterBench, startRds } from './managed-master-bench.ts';
import { SharedServers } from './shared-servers.ts';
import { TemplateBench } from './template-bench.ts';
import { allowedBy } from './template-iam.ts';
import { TemplateRole } from './template-role.ts';
import type { TemplateService } from './template-service.ts';
import { startOwnService } from './template-under-test.ts';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';
const key = 'arn:aws:kms:us-east-1:123456789012:key/1';
const masterKey = 'arn:aws:kms:us-east-1:123456789012:key/2';

const all = await findTemplates();
const names = all.filter(({ service }) => service.package.startsWith('@keyturn/engine-')).map(({ name }) => name);

const servers = new SharedServers();
afterAll(() => servers.stop());

/** A bench whose function has the role of its template, with every option that a statement stands for. */
async function benchWithRole(
  template: string,
  bench: TemplateBench,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ role: TemplateRole; person: SecretsManagerClient }> {
  const person = new SecretsManagerClient(bench.manager.clientOptions({ caller: 'person' }));
  const { SecretString = '{}' } = await person.send(new GetSecretValueCommand({ SecretId: bench.secretId }));
  const { masterarn } = JSON.parse(SecretString);
  const role = await TemplateRole.make({
    template,
    functionArn: bench.functionArn,
    parameters: {
      kmsKeyArn: key,
      ...(masterarn === undefined ? {} : { masterSecretArn: masterarn, masterSecretKmsKeyArn: masterKey }),
      ...parameters,
    },
  });
  bench.manager.setOnCall(role.enforcedOn(bench.manager, [bench.caller]));
  return { role, person };
}

/** Someone stores a password by hand that was never set: the next rotation has to look for the one that works. */
async function mistype(bench: TemplateBench, person: SecretsManagerClient): Promise<void> {
  const { SecretString = '{}' } = await person.send(new GetSecretValueCommand({ SecretId: bench.secretId }));
  const password = 'mistyped-by-somebody';
  recordSecret(password);
  const wrong = JSON.stringify({ ...JSON.parse(SecretString), password });
  await person.send(new PutSecretValueCommand({ SecretId: bench.secretId, SecretString: wrong }));
}

/** As the documentation advises after a rotation that failed. */
async function takePendingOff(bench: TemplateBench, person: SecretsManagerClient): Promise<void> {
  const { VersionIdsToStages = {} } = await person.send(new DescribeSecretCommand({ SecretId: bench.secretId }));
  const pending = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSPENDING'));
  const label = { SecretId: bench.secretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: pending };
  await person.send(new UpdateSecretVersionStageCommand(label));
}

const text = (uses: readonly { sid: string; action: string }[]): string[] =>
  uses.map(({ sid, action }) => `${sid} ${action}`).toSorted();

/** One template of each strategy: their roles differ by nothing else, and so the controls look at one of each. */
const ofEachStrategy = [
  ...new Map(all.filter(({ name }) => names.includes(name)).map(({ name, strategy }) => [strategy, name])).values(),
];

describe.each(names)('%s, on a real server, under the role that its stack makes', (template) => {
  let running: RunningService;

  beforeAll(async () => {
    running = await servers.of(template);
  });

  test('rotates, recovers, and uses every right of the role but those that ask Amazon RDS', async () => {
    const environment = {
      PASSWORD_SOURCE: 'get-random-password',
      // Where the user may change its own password, the master's form needs more.
      ...(template.endsWith('SingleUser') ? { PASSWORD_CHANGED_BY: 'master' } : {}),
    };
    const bench = await TemplateBench.make(template, running, { environment });
    const { role, person } = await benchWithRole(template, bench, { passwordSource: 'get-random-password' });
    expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
    await mistype(bench, person);
    expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
    expect(await bench.currentWorks()).toBe(true);
    expect(role.refused).toEqual([]);
    const forRds = /^FindTheServer |^ReadTheMasterSecret secretsmanager:DescribeSecret$/;
    expect(text(role.uses)).toEqual(text(role.grants).filter((use) => !forRds.test(use)));
    await bench.close();
  });

  const control = test.runIf(ofEachStrategy.includes(template));

  control('the control: without any one right that the run used, one of its calls is refused', async () => {
    const bench = await TemplateBench.make(template, running);
    const { role, person } = await benchWithRole(template, bench);
    await bench.rotate();
    await mistype(bench, person);
    expect((await bench.rotate()).outcome).toBe('succeeded');
    const uses = role.uses;
    expect(uses.length).toBeGreaterThanOrEqual(7);
    for (const { sid, action } of uses) {
      const less = role.statements.map((statement) =>
        statement.Sid === sid
          ? { ...statement, Action: [statement.Action].flat().filter((each: string) => each !== action) }
          : statement,
      );
      expect(
        role.asked.some((question) => allowedBy(less, question) === undefined),
        `${sid} ${action}`,
      ).toBe(true);
    }
    await bench.close();
  });

  control(
    'the control: a role without PutSecretValue fails the rotation, and one right more is found unused',
    async () => {
      const bench = await TemplateBench.make(template, running);
      const { role, person } = await benchWithRole(template, bench);
      const [first, ...others] = role.statements;
      role.statements = [
        { ...first, Action: first.Action.filter((each: string) => !each.endsWith(':PutSecretValue')) },
        ...others,
      ];
      expect((await bench.rotate()).outcome).toBe('failed');
      expect(bench.output.join('\n')).toContain('secrets-manager-denied');
      await takePendingOff(bench, person);
      role.statements = [{ ...first, Action: [...first.Action, 'secretsmanager:DeleteSecret'] }, ...others];
      expect((await bench.rotate()).outcome).toBe('succeeded');
      expect(text(role.grants).filter((use) => !text(role.uses).includes(use))).toContain(
        'RotateSecretsOfThisFunction secretsmanager:DeleteSecret',
      );
      await bench.close();
    },
  );
});

describe('templates that ask Amazon RDS where the server of a managed master secret is', () => {
  const asking = all.filter(({ asksRds }) => asksRds).map(({ name }) => name);

  test.each(asking)('%s may do what that takes, and nothing beyond is allowed for it', async (template) => {
    const uses: string[] = [];
    let grants: string[] = [];
    const hosts = [address('analysts', 'cluster-custom-', 'us-east-1'), address('shop-2', '', 'us-east-1')];
    for (const host of hosts) {
      const rds = await startRds();
      const cluster = rds.fleet.addCluster('shop', { custom: ['analysts'], listsCustom: false });
      rds.fleet.addInstance('shop-2', { cluster: 'shop' });
      const run = await ManagedMasterBench.make(rds, {
        secret: { host },
        tags: { 'aws:rds:primaryDBClusterArn': cluster },
        strategy: 'alternating users',
      });
      const role = await TemplateRole.make({ template, functionArn, parameters: { masterSecretArn: run.master.arn } });
      run.bench.manager.setOnCall(role.enforcedOn(run.bench.manager, ['function']));
      rds.fault = ({ action }) =>
        role.allows({ action: `rds:${action}`, resource: '*' })
          ? undefined
          : { code: 'AccessDenied', status: 403, message: 'not authorized' };
      await run.bench.rotate();
      expect(role.refused).toEqual([]);
      uses.push(...text(role.uses));
      grants = text(role.grants);
    }
    const forRds = /^FindTheServer |^ReadTheMasterSecret/;
    expect([...new Set(uses)].filter((use) => forRds.test(use)).toSorted()).toEqual(
      grants.filter((use) => forRds.test(use)),
    );
  });
});

describe('SecretsManagerIAMAccessKeyRotation, under the role that its stack makes', () => {
  const template = 'SecretsManagerIAMAccessKeyRotation';

  test('rotates, finds the keys of rotations that were given up, and uses every right of the role', async () => {
    const account = new Account();
    const user = account.addUser('app');
    const first = account.addKey(user);
    let role: TemplateRole | undefined;
    const session = account.addRole('rotation', (action, resource) => role?.allows({ action, resource }) ?? false);
    const door = await openDoor(account, { region: 'us-east-1' });
    onTestFinished(() => door.close());
    const service: TemplateService = {
      environment: {
        AWS_ENDPOINT_URL_IAM: door.url,
        AWS_ENDPOINT_URL_STS: door.url,
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken,
      },
      makeSecret: async () => ({ AccessKeyId: first.id, SecretAccessKey: first.secret }),
      works: async ({ AccessKeyId }) => account.live(user).some(({ id, active }) => active && id === AccessKeyId),
      valuesToHide: ({ SecretAccessKey = '' }) => [SecretAccessKey],
    };
    const bench = await TemplateBench.makeWith(template, service);
    const made = await benchWithRole(template, bench, { iamUserArns: user.arn });
    role = made.role;
    expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
    // A key that was made and not stored, and one that was stored, proven and not promoted.
    for (const operation of ['PutSecretValue', 'UpdateSecretVersionStage']) {
      bench.manager.setFaults([{ action: 'drop', operation, moment: 'before' }]);
      expect((await bench.rotate()).outcome).toBe('failed');
      bench.manager.setFaults([]);
      await takePendingOff(bench, made.person);
      expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
    }
    expect(await bench.currentWorks()).toBe(true);
    expect(role.refused).toEqual([]);
    expect(text(role.uses)).toEqual(text(role.grants));
    await bench.close();
  });
});

test('SecretsManagerRotationTemplate rotates, recovers, and uses every right of the role that its stack makes', async () => {
  const template = 'SecretsManagerRotationTemplate';
  const service = await startOwnService();
  onTestFinished(() => service.stop());
  const bench = await TemplateBench.makeWith(template, service, {
    environment: { PASSWORD_SOURCE: 'get-random-password' },
  });
  const { role, person } = await benchWithRole(template, bench, { passwordSource: 'get-random-password' });
  expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
  await mistype(bench, person);
  expect((await bench.rotate()).outcome, bench.output.join('\n')).toBe('succeeded');
  expect(await bench.currentWorks()).toBe(true);
  expect(role.refused).toEqual([]);
  expect(text(role.uses)).toEqual(text(role.grants));
  await bench.close();
});

test('every command that the sources send to AWS stands in a role, and no role holds another', async () => {
  const root = join(import.meta.dirname, '..');
  const commandsIn = async (pattern: string, service: string): Promise<string[]> => {
    const found = new Set<string>();
    for await (const file of glob(pattern, { cwd: root, exclude: ['**/*.test.ts'] })) {
      const source = await readFile(join(root, file), 'utf8');
      for (const [, name] of source.matchAll(/new (\w+)Command\(/g)) found.add(`${service}:${name}`);
    }
    return [...found];
  };
  const sent = [
    ...(await commandsIn('packages/core/src/**/*.ts', 'secretsmanager')),
    ...(await commandsIn('packages/services/rds/src/**/*.ts', 'rds')),
    ...(await commandsIn('packages/services/iam-access-key/src/**/*.ts', 'iam')),
  ]
    // By the key of the user itself, which needs no right for it.
    .filter((action) => action !== 'iam:GetCallerIdentity');
  const granted = new Set<string>();
  for (const { name, service } of all) {
    const parameters = {
      ...(name === 'SecretsManagerRotationTemplate'
        ? {}
        : service.iamUsers
          ? { iamUserArns: 'arn:aws:iam::123456789012:user/app' }
          : { passwordSource: 'get-random-password', masterSecretArn: 'arn:aws:secretsmanager:x' }),
    };
    const role = await TemplateRole.make({ template: name, functionArn, parameters });
    for (const { action } of role.grants) granted.add(action);
  }
  expect([...granted].toSorted()).toEqual(sent.toSorted());
});
