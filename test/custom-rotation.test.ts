import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { RotationFunction } from '@keyturn/core';
import { recordSecret } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';
import { calls, errorOf, type Login, type Maker, Minimal, makeWorld } from './custom-rotation-bench.ts';

describe('a class with two methods', () => {
  test('rotates within the budget: 8 calls, 2 credentials proved, none refused, AWSCURRENT first', async () => {
    const { world, service } = await makeWorld();
    await world.rotate();
    expect(world.failure).toBe(undefined);
    expect(calls(world)).toHaveLength(8);
    expect(service.log).toEqual(['accepted', 'changed', 'accepted']);
    expect((await world.secret.current()).password).toBe(service.password);
  });

  test('leaves every other key byte for byte as it is', async () => {
    const { world, person } = await makeWorld();
    const text = (password: string) =>
      `{ "password" :"${password}",\n\t"n":1.50e1,"username":"\\u0061pp", "deep":{"password":"kept-as-it-is"} }`;
    const stored = (SecretString: string) => ({ SecretId: world.secret.id, SecretString });
    await person.send(new PutSecretValueCommand(stored(text(randomUUID()))));
    await world.begin();
    await world.step('createSecret');
    const pending = { SecretId: world.secret.id, VersionId: world.token };
    const { SecretString = '' } = await person.send(new GetSecretValueCommand(pending));
    const { password } = JSON.parse(SecretString);
    expect(SecretString).toBe(text(password));
    expect(password).toMatch(/^[^/@"'\\]{32}$/);
  });

  test('every step twice equals once', async () => {
    const { world, service } = await makeWorld();
    await world.begin();
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await world.steps(step, step);
    expect((await world.secret.current()).password).toBe(service.password);
    expect(service.log.filter((line) => line === 'changed')).toHaveLength(1);
  });

  test('the hooks of a class fit a grace period only if it says that the previous credential works', async () => {
    const given = { gracePeriodMinutes: 5 };
    const { world } = await makeWorld(undefined, given);
    await world.begin();
    await expect(world.step('createSecret')).rejects.toMatchObject({ code: 'invalid-configuration' });
    class Overlapping extends Minimal {
      protected override readonly previousWorks = true;
    }
    const other = await makeWorld((service, all) => new Overlapping(service, all), given);
    await other.world.begin();
    await other.world.steps('createSecret', 'setSecret');
  });

  test('afterRotation is called once, when AWSCURRENT has moved', async () => {
    const finished: string[] = [];
    class Telling extends Minimal {
      protected override async afterRotation({ versionId }: { readonly versionId: string }): Promise<void> {
        finished.push(versionId);
      }
    }
    const { world } = await makeWorld((service, all) => new Telling(service, all));
    await world.begin();
    await world.steps('createSecret', 'setSecret', 'testSecret', 'finishSecret', 'finishSecret');
    expect(finished).toEqual([world.token]);
  });
});

describe('a class that cannot rotate fails at createSecret, and nothing is written', () => {
  class Nothing extends RotationFunction<Login> {}
  class OnlyProves extends RotationFunction<Login> {
    protected override async proveCredential(): Promise<boolean> {
      return true;
    }
  }
  class OwnSteps extends RotationFunction<Login> {
    protected override async setSecret(): Promise<void> {}
    protected override async testSecret(): Promise<void> {}
  }
  class OtherKeys extends Minimal {
    protected override nextSecret(): Partial<Login> {
      return { username: 'other' };
    }
  }
  class SameAgain extends Minimal {
    protected override nextSecret(current: Login): Partial<Login> {
      return current;
    }
  }
  class RefusedByItself extends Minimal {
    protected override parseSecret(value: unknown): Login {
      const login = value as Login;
      if (login.password.length > 36) throw new Error('password is too long');
      return login;
    }
    protected override nextSecret(): Partial<Login> {
      return { password: 'x'.repeat(40) };
    }
  }
  class ParsesNothing extends Minimal {
    // As JavaScript lets one write it.
    protected override parseSecret(): Login {
      return undefined as unknown as Login;
    }
  }

  test.each<[string, Maker, RegExp]>([
    [
      'no hook',
      (_, all) => new Nothing(all),
      /Nothing does not say how to rotate: it lacks changeCredential and proveCredential/,
    ],
    ['the class itself', (_, all) => new RotationFunction(all), /it lacks changeCredential and proveCredential/],
    ['no changeCredential', (_, all) => new OnlyProves(all), /it lacks changeCredential\./],
    ['a key not in rotatedKeys', (s, all) => new OtherKeys(s, all), /nextSecret changes username/],
    ['no new value', (s, all) => new SameAgain(s, all), /nextSecret gives no new value for password/],
    [
      'a value that parseSecret refuses',
      (s, all) => new RefusedByItself(s, all),
      /parseSecret refuses what nextSecret gives/,
    ],
    ['no parsed secret', (s, all) => new ParsesNothing(s, all), /parseSecret returns no object/],
  ])('%s', async (_, make, message) => {
    const { world } = await makeWorld(make);
    await world.begin();
    const error = await errorOf(world.step('createSecret'));
    expect(error).toMatchObject({
      code: 'invalid-configuration',
      step: 'createSecret',
      message: expect.stringMatching(message),
    });
    expect(calls(world)).not.toContain('PutSecretValue');
  });

  test('the control: the same class with the hooks that it lacked stores AWSPENDING', async () => {
    const { world } = await makeWorld();
    await world.begin();
    await world.step('createSecret');
    expect(calls(world)).toContain('PutSecretValue');
  });

  test('a class with steps of its own needs no hooks', async () => {
    const { world } = await makeWorld((_, all) => new OwnSteps(all));
    await world.begin();
    await world.steps('createSecret', 'setSecret', 'testSecret', 'finishSecret');
    expect(Object.values(await world.secret.labels())).toContainEqual(['AWSCURRENT', 'AWSPENDING']);
  });
});

test('several keys rotate together, of any JSON type, and no other', async () => {
  interface Token {
    readonly token: string;
    readonly expires: number;
    readonly scope: readonly string[];
  }
  class Tokens extends RotationFunction<Token> {
    protected override readonly rotatedKeys = ['token', 'expires'] as const;
    protected override async nextSecret(current: Token): Promise<Partial<Token>> {
      return { token: randomUUID(), expires: current.expires + 1 };
    }
    protected override async changeCredential(): Promise<void> {}
    protected override async proveCredential(): Promise<boolean> {
      return true;
    }
  }
  const secret = { token: randomUUID(), expires: 7, scope: ['read'] };
  const { world } = await makeWorld((_, all) => new Tokens(all), {}, secret);
  await world.rotate();
  const current = (await world.secret.current()) as unknown as Token;
  recordSecret(current.token);
  expect(current).toMatchObject({ expires: 8, scope: ['read'] });
  expect(current.token).not.toBe(secret.token);
});
