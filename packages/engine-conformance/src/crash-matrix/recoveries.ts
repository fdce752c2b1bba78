import type { WorldSecret } from './world-secret.ts';

/** What a recovery needs of a world. */
export interface RecoveringWorld {
  readonly secret: Pick<WorldSecret, 'takePendingOff' | 'cancelRotation' | 'changeAnotherKey'>;
  /** Rotates as the service does, and waits for the end. */
  rotate(): Promise<void>;
}

/** How people and the service go on after a crash. None of these looks at what the crash left behind. */
export interface Recovery {
  readonly name: string;
  /** Invocations of the whole rotation that the service makes by itself, with the same token. */
  readonly attempts: number;
  /** What somebody does at the moment of the crash. */
  readonly meanwhile?: (world: RecoveringWorld) => Promise<void>;
  /** What somebody does when the rotation has failed, before the next one. */
  readonly afterwards?: (world: RecoveringWorld) => Promise<void>;
}

export const recoveries: readonly Recovery[] = [
  { name: 'the same token again', attempts: 2 },
  {
    name: 'AWSPENDING taken off, then a new rotation',
    attempts: 1,
    afterwards: async (world) => {
      await world.secret.takePendingOff();
      await world.rotate();
    },
  },
  {
    name: 'rotation cancelled, AWSPENDING taken off, rotation turned on again',
    attempts: 1,
    afterwards: async (world) => {
      await world.secret.cancelRotation();
      await world.secret.takePendingOff();
      await world.rotate();
    },
  },
  {
    name: 'another key changed with PutSecretValue meanwhile, then a new rotation',
    attempts: 1,
    meanwhile: (world) => world.secret.changeAnotherKey(),
    afterwards: (world) => world.rotate(),
  },
];
