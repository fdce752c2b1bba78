import { randomUUID } from 'node:crypto';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Rotation, type RotationError, RotationFunction, type RotationFunctionOptions } from '@keyturn/core';
import { recordSecret } from '@keyturn/engine-conformance';
import { onTestFinished } from 'vitest';
import { CustomWorld } from './custom-rotation-world.ts';

/** The secret of the service. */
export interface Login {
  readonly site: string;
  readonly username: string;
  readonly password: string;
}

/** A service with one account; its log says what was asked of it. */
export class Service {
  password: string = randomUUID();
  readonly log: string[] = [];

  accepts({ password }: Login): boolean {
    this.log.push(password === this.password ? 'accepted' : 'refused');
    return password === this.password;
  }
}

const options = (client: SecretsManagerClient): RotationFunctionOptions => ({
  client,
  consistencyWaitMs: 200,
  env: {},
});

/** What somebody writes for a service of their own, and no more. */
export class Minimal extends RotationFunction<Login> {
  readonly service: Service;
  constructor(service: Service, options: RotationFunctionOptions) {
    super(options);
    this.service = service;
  }
  protected override async changeCredential(current: Login, pending: Login): Promise<void> {
    if (current.password !== this.service.password) throw new Error('wrong current password');
    this.service.password = pending.password;
    this.service.log.push('changed');
  }
  protected override async proveCredential(secret: Login, _rotation?: Rotation): Promise<boolean> {
    return this.service.accepts(secret);
  }
}

/** Makes the function under test. */
export type Maker = (
  service: Service,
  options: RotationFunctionOptions,
) => { readonly handler: RotationFunction['handler'] };

/** What a test has of a world. */
export interface Bench {
  readonly world: CustomWorld;
  readonly service: Service;
  readonly person: SecretsManagerClient;
  /** Stores a value as AWSCURRENT. */
  put(next: object): Promise<unknown>;
}

/** A world with a service of its own. It ends with the test. */
export async function makeWorld(
  make: Maker = (service, given) => new Minimal(service, given),
  more: RotationFunctionOptions = {},
  secret: object = {},
): Promise<Bench> {
  const service = new Service();
  const value = { site: 'https://a.example', username: 'app', password: service.password, ...secret };
  const world = await CustomWorld.make((client) => make(service, { ...options(client), ...more }), value);
  const person = new SecretsManagerClient(world.manager.clientOptions({ caller: 'person' }));
  onTestFinished(async () => {
    for (const { password } of await world.secret.retrievable()) if (password?.length >= 12) recordSecret(password);
    await world.close();
  });
  const put = (next: object): Promise<unknown> =>
    person.send(new PutSecretValueCommand({ SecretId: world.secret.id, SecretString: JSON.stringify(next) }));
  return { world, service, person, put };
}

/** The error that a step rejects with. */
export function errorOf(step: Promise<void>): Promise<RotationError> {
  return step.then(
    () => {
      throw new Error('the step succeeded');
    },
    (error: RotationError) => error,
  );
}

/** The function's calls of Secrets Manager so far. */
export function calls(world: CustomWorld): string[] {
  return world.manager.timeline
    .of('call')
    .filter(({ caller }) => caller === 'custom-function')
    .map(({ operation }) => operation);
}
