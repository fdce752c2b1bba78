import { randomUUID } from 'node:crypto';
import { type Rotation, RotationError } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { errorOf, type Login, Minimal, makeWorld } from './custom-rotation-bench.ts';

describe('when AWSCURRENT is refused', () => {
  test('the password of a rotation that was given up after setSecret is found', async () => {
    const { world, service } = await makeWorld();
    await world.begin();
    await world.steps('createSecret', 'setSecret');
    await world.secret.takePendingOff();
    world.restart();
    await world.begin();
    await world.steps('createSecret', 'setSecret', 'testSecret', 'finishSecret');
    expect(service.log).toEqual(['accepted', 'changed', 'refused', 'refused', 'accepted', 'changed', 'accepted']);
    expect((await world.secret.current()).password).toBe(service.password);
  });

  test('a version of another account is not tried', async () => {
    const { world, service, put } = await makeWorld();
    const current = await world.secret.current();
    await put({ ...current, username: 'somebody', password: randomUUID() });
    await put({ ...current, password: randomUUID() });
    await world.begin();
    await world.steps('createSecret', 'setSecret');
    expect(service.log).toEqual(['refused', 'refused', 'accepted', 'changed']);
  });

  test.each([3, 6])('no invocation has more than the limit of refused credentials, here %i', async (limit) => {
    const { world, service, put } = await makeWorld(undefined, { failedLoginLimit: limit });
    const current = await world.secret.current();
    for (let i = 0; i < 8; i += 1) await put({ ...current, password: randomUUID() });
    service.password = randomUUID();
    await world.begin();
    await world.step('createSecret');
    const error = await errorOf(world.step('setSecret'));
    expect(error).toMatchObject({ code: 'login-failed', message: expect.stringContaining('no more are tried') });
    expect(service.log).toEqual(Array(limit).fill('refused'));
    expect(service.log).not.toContain('changed');
  });
});

test('a password that the service refuses takes AWSPENDING off, and the next rotation makes another', async () => {
  let refusals = 1;
  class Choosy extends Minimal {
    protected override async changeCredential(current: Login, pending: Login): Promise<void> {
      refusals -= 1;
      if (refusals >= 0) throw new RotationError('password-refused', { message: 'too simple' });
      await super.changeCredential(current, pending);
    }
  }
  const { world, service } = await makeWorld((service, all) => new Choosy(service, all));
  await world.begin();
  await world.step('createSecret');
  await expect(world.step('setSecret')).rejects.toMatchObject({
    code: 'password-refused',
    message: expect.stringContaining('AWSPENDING has been taken off'),
  });
  expect(Object.values(await world.secret.labels()).flat()).not.toContain('AWSPENDING');
  await world.rotate();
  expect([world.failure, (await world.secret.current()).password]).toEqual([undefined, service.password]);
});

describe('the time of the invocation', () => {
  test('ends a hook that waits without the signal, with its name', async () => {
    class Waits extends Minimal {
      protected override changeCredential(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const { world } = await makeWorld((service, all) => new Waits(service, all));
    await world.begin();
    await world.step('createSecret');
    const start = performance.now();
    const error = await errorOf(world.step('setSecret', 2_000));
    expect(error).toMatchObject({ code: 'deadline-exceeded', step: 'setSecret', stage: 'AWSCURRENT' });
    expect(error.message).toContain('ran out in changeCredential');
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('aborts the signal that a hook has handed on', async () => {
    class Hands extends Minimal {
      protected override async proveCredential(_: Login, { deadline }: Rotation): Promise<boolean> {
        return new Promise((_resolve, reject) => {
          deadline.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        });
      }
    }
    const { world } = await makeWorld((service, all) => new Hands(service, all));
    await world.begin();
    await world.step('createSecret');
    await expect(world.step('setSecret', 400)).rejects.toMatchObject({ code: 'deadline-exceeded' });
  });
});
