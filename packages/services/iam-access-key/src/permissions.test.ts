import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { StoredKey } from '../testing/account.ts';
import { begun } from '../testing/begun-world.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

function ids(keys: readonly StoredKey[]): string[] {
  return keys.map(({ id }) => id);
}

describe('the other key', () => {
  test('stays if somebody uses it and no version holds it', async () => {
    const world = await begun();
    const other = world.account.addKey(world.user);
    other.lastUsedAt = Date.now() - 86_400_000;
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code: 'credential-limit-reached',
      user: 'app',
      message: expect.stringContaining(other.id),
    });
    expect(ids(world.account.live(world.user))).toContain(other.id);
    expect(other.active).toBe(true);
  });

  test('the control: it goes if nobody has ever used it, for then nobody has its secret', async () => {
    const world = await begun();
    const other = world.account.addKey(world.user);
    await world.steps(...steps);
    expect(other.deleted).toBe(true);
    expect(await world.faults()).toEqual([]);
  });

  test('goes though it was used, if an older version without a label holds it', async () => {
    const world = await begun();
    const [first] = world.user.keys;
    await world.steps(...steps);
    await world.changeAnotherKey();
    await world.begin();
    await world.steps(...steps);
    expect(first?.deleted).toBe(true);
    expect(await world.faults({ note: 'changed' })).toEqual([]);
  });
});

describe('the function’s role', () => {
  test('needs no more than the policy in the README gives it', async () => {
    const world = await begun({ allows: await readmePolicy() });
    world.account.addKey(world.user);
    await world.steps(...steps);
    await world.begin();
    await world.steps(...steps);
    expect(await world.faults()).toEqual([]);
  });

  test.each(['ListAccessKeys', 'CreateAccessKey', 'DeleteAccessKey', 'UpdateAccessKey', 'GetAccessKeyLastUsed'])(
    'without iam:%s, the error names it and the user’s ARN',
    async (action) => {
      const policy = await readmePolicy();
      const world = await begun({ allows: (asked, on) => asked !== `iam:${action}` && policy(asked, on) });
      world.account.addKey(world.user);
      await expect(world.step('createSecret')).rejects.toMatchObject({
        code: 'service-denied',
        driverCode: 'AccessDenied',
        user: 'app',
        remedy: expect.stringContaining(`Allow iam:${action} on arn:aws:iam::123456789012:user/services/app`),
      });
      expect((await world.current()).AccessKeyId).toBe(world.user.keys[0]?.id);
      expect(world.user.keys[0]?.deleted).toBe(false);
    },
  );
});

/** The policy that the README shows, as the role's. */
async function readmePolicy(): Promise<(action: string, resource: string) => boolean> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [json = ''] = /\{\s*"Version": "2012-10-17"[\s\S]*?\n\}/.exec(readme) ?? [];
  const { Statement } = JSON.parse(json) as { Statement: { Action: string[]; Resource: string[] }[] };
  return (action, resource) =>
    Statement.some(({ Action, Resource }) => Action.includes(action) && Resource.includes(resource));
}
