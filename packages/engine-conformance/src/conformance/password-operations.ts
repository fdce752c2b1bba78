import { Password } from '@keyturn/core';
import type { ConformanceWorld, WorldUser } from './conformance-world.ts';
import { present } from './scenario.ts';

/** Something that an engine does in a rotation, begun for a user of its own. */
export interface BegunOperation {
  /** Who logs in for it. */
  readonly user: WorldUser;
  run(connection: unknown): Promise<void>;
  /** Who logs in to do it once more, after it was interrupted anywhere. */
  again(): Promise<WorldUser>;
  /** What of it is not done; empty when it is. */
  unfinished(): Promise<readonly string[]>;
  /** What must be so at every moment, and is not. */
  broken(): Promise<readonly string[]>;
  /** What no error may hold. */
  readonly secrets: readonly string[];
}

/** @throws AbsentPart where the engine or the server has no such thing */
export interface Operation {
  readonly name: string;
  begin(world: ConformanceWorld): Promise<BegunOperation>;
}

export const noMasterForm = 'the engine has no admin: nobody changes the password of another user';
export const noOverlap = 'the engine has no overlap: a user has one password at a time';

/** The user changes its own password. */
export const ownChange: Operation = {
  name: 'changeOwnPassword',
  async begin(world) {
    const user = await world.newUser();
    const next = world.newPassword();
    const { engine } = world;
    // Whoever goes on after a crash looks for the password that the database has: it may be the new one already.
    const again = async () => ({ ...user, password: (await has(world, user.username, next)) ? next : user.password });
    return {
      user,
      secrets: [user.password, next],
      again,
      async run(connection) {
        const { password } = await again();
        await engine.changeOwnPassword(connection, new Password(next), new Password(password));
      },
      unfinished: () => lacking(world, user.username, next),
      broken: async () => ((await hasEither(world, user.username, [user.password, next])) ? [] : [neither]),
    };
  },
};

/** The administrator resets it. */
export const reset: Operation = {
  name: 'resetPassword',
  async begin(world) {
    const admin = present(world.engine.admin, noMasterForm);
    const user = await world.newUser();
    const next = world.newPassword();
    return {
      user: world.administrator,
      secrets: [user.password, next, world.administrator.password],
      again: async () => world.administrator,
      run: (connection) => admin.resetPassword(connection, user.username, new Password(next)),
      unfinished: () => lacking(world, user.username, next),
      broken: async () => ((await hasEither(world, user.username, [user.password, next])) ? [] : [neither]),
    };
  },
};

/** The user gets a second password beside the one in use, as itself or through the administrator. */
export function addition(by: 'user' | 'administrator'): Operation {
  return {
    name: `addPassword by the ${by}`,
    async begin(world) {
      const overlap = present(world.engine.overlap, noOverlap);
      const user = await world.newUser();
      const next = world.newPassword();
      const actor = by === 'user' ? user : world.administrator;
      const { username, password } = user;
      return {
        user: actor,
        secrets: [password, next, world.administrator.password],
        again: async () => actor,
        run: (connection) => overlap.addPassword(connection, username, new Password(next), new Password(password)),
        unfinished: async () => [
          ...(await lacking(world, username, next)),
          ...((await world.running.logsIn(username, password)) ? [] : ['the password in use does not log in']),
        ],
        broken: async () =>
          (await has(world, username, password)) ? [] : ['the user does not have the password in use'],
      };
    },
  };
}

const neither = 'the user has neither the old password nor the new one';

function has(world: ConformanceWorld, username: string, password: string): Promise<boolean> {
  return world.running.hasPassword(username, password);
}

async function hasEither(world: ConformanceWorld, username: string, passwords: readonly string[]): Promise<boolean> {
  for (const password of passwords) if (await has(world, username, password)) return true;
  return false;
}

async function lacking(world: ConformanceWorld, username: string, next: string): Promise<readonly string[]> {
  return [
    (await has(world, username, next)) ? undefined : 'the server does not keep the new password',
    (await world.running.logsIn(username, next)) ? undefined : 'the new password does not log in',
  ].filter((fault) => fault !== undefined);
}
