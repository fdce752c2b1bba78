import { randomUUID } from 'node:crypto';
import {
  type Rotation,
  RotationError,
  RotationFunction,
  type RotationFunctionOptions,
  type Strategy,
} from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { calls, type Login, type Maker, Minimal, makeWorld, type Service } from './custom-rotation-bench.ts';

describe('testSecret', () => {
  test('a refused AWSPENDING is not promoted', async () => {
    const { world, service } = await makeWorld();
    await world.begin();
    await world.steps('createSecret', 'setSecret');
    service.password = randomUUID();
    await expect(world.step('testSecret')).rejects.toMatchObject({ code: 'login-failed', stage: 'AWSPENDING' });
    await expect(world.step('finishSecret')).rejects.toMatchObject({ code: 'login-failed', stage: 'AWSPENDING' });
    expect((await world.secret.labels())[world.token]).toEqual(['AWSPENDING']);
  });

  test('a credential that the service learns of late is tried again within propagationWaitMs', async () => {
    let late = 0;
    class Slow extends Minimal {
      protected override async proveCredential(secret: Login): Promise<boolean> {
        const accepted = await super.proveCredential(secret);
        late -= accepted ? 1 : 0;
        return accepted && late < 0;
      }
    }
    const make: Maker = (service, all) => new Slow(service, all);
    const { world } = await makeWorld(make, { propagationWaitMs: 60 });
    await world.begin();
    await world.steps('createSecret', 'setSecret');
    late = 2;
    await world.step('testSecret');
    const impatient = await makeWorld(make);
    await impatient.world.begin();
    await impatient.world.steps('createSecret', 'setSecret');
    late = 2;
    await expect(impatient.world.step('testSecret')).rejects.toMatchObject({ code: 'login-failed' });
  });

  /** Its own step looks at more than the hook does. */
  class LooksCloser extends Minimal {
    protected override async testSecret(rotation: Rotation): Promise<void> {
      await super.testSecret(rotation);
      this.service.log.push('looked closer');
      if (this.service.log.includes('broken')) throw new RotationError('statement-failed', { message: 'it is broken' });
    }
  }

  test('what an overriding step finds wrong after super.testSecret stops finishSecret, in the same process too', async () => {
    const { world, service } = await makeWorld((service, all) => new LooksCloser(service, all));
    await world.begin();
    await world.steps('createSecret', 'setSecret');
    service.log.push('broken');
    await expect(world.step('testSecret')).rejects.toMatchObject({ code: 'statement-failed', step: 'testSecret' });
    await expect(world.step('finishSecret')).rejects.toMatchObject({ code: 'statement-failed', step: 'finishSecret' });
    expect((await world.secret.labels())[world.token]).toEqual(['AWSPENDING']);
  });

  test('a process that has not tested the version takes the overriding step before it promotes', async () => {
    const { world, service } = await makeWorld((service, all) => new LooksCloser(service, all));
    await world.begin();
    await world.steps('createSecret', 'setSecret', 'testSecret');
    world.restart();
    service.log.length = 0;
    await world.step('finishSecret');
    expect(service.log).toEqual(['accepted', 'looked closer']);
    expect((await world.secret.labels())[world.token]).toContain('AWSCURRENT');
  });
});

describe('a class that is made with a strategy', () => {
  /** A strategy of somebody's own, whose test always succeeds. */
  const strategy = (service: Service): Strategy => ({
    name: 'given',
    previousWorks: false,
    nextValue: async ({ text = '{}' }) => JSON.stringify({ ...JSON.parse(text), password: randomUUID() }),
    setSecret: async (_, pending) => {
      service.password = JSON.parse(pending.text ?? '{}').password;
    },
    testSecret: async (_version, _rotation, label) => void service.log.push(`strategy ${label}`),
  });
  class AlsoProves extends RotationFunction<Login> {
    readonly service: Service;
    constructor(service: Service, options: RotationFunctionOptions) {
      super(strategy(service), options);
      this.service = service;
    }
    protected override async proveCredential(secret: Login): Promise<boolean> {
      this.service.log.push(`hook ${secret.username}`);
      return this.service.log.length < 3;
    }
  }

  test('its proveCredential is one more test, after the strategy’s, and must be true too', async () => {
    const { world, service } = await makeWorld((service, all) => new AlsoProves(service, all));
    await world.begin();
    await world.steps('createSecret', 'setSecret', 'testSecret');
    expect(service.log).toEqual(['strategy AWSPENDING', 'hook app']);
    await expect(world.step('testSecret')).rejects.toMatchObject({ code: 'login-failed', stage: 'AWSPENDING' });
    await expect(world.step('finishSecret')).rejects.toMatchObject({ code: 'login-failed' });
    expect((await world.secret.labels())[world.token]).toEqual(['AWSPENDING']);
  });

  test('a hook that the strategy never calls fails createSecret, and nothing is written', async () => {
    class Idle extends AlsoProves {
      protected override async changeCredential(): Promise<void> {}
    }
    const { world } = await makeWorld((service, all) => new Idle(service, all));
    await world.begin();
    await expect(world.step('createSecret')).rejects.toMatchObject({
      code: 'invalid-configuration',
      message: expect.stringContaining('a strategy, which never calls changeCredential'),
    });
    expect(calls(world)).not.toContain('PutSecretValue');
  });
});
