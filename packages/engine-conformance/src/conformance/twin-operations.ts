import { Password, type TwinAdmin, type TwinPair } from '@keyturn/core';
import type { ConformanceWorld, WorldUser } from './conformance-world.ts';
import { noMasterForm, type Operation } from './password-operations.ts';
import { present } from './scenario.ts';

export const twinSuffix = '_clone';

/** A user with rights, and the twin that is to be made of it. */
export interface Twins {
  readonly admin: TwinAdmin;
  /** The user in use. */
  readonly user: WorldUser;
  readonly pair: TwinPair;
  /** Whether the user has rights of every kind. */
  readonly furnished: boolean;
  /** What its own twin will log in with. */
  readonly password: string;
  rightsOf(username: string): Promise<readonly string[]>;
}

/**
 * Makes a user with rights of every kind, unless it is not to be furnished. There is no twin yet.
 * @throws AbsentPart
 */
export async function newTwins(
  world: ConformanceWorld,
  { username = world.newName(), furnished = true }: { readonly username?: string; readonly furnished?: boolean } = {},
): Promise<Twins> {
  const { running } = world;
  const admin = twinsOf(world);
  const rightsOf = present(running.rightsOf, 'the service has no rightsOf: nobody can tell what a user may do');
  const user = await world.newUser(username);
  if (furnished) await running.furnish?.(user.username);
  const password = world.newPassword();
  return {
    admin,
    user,
    password,
    furnished: furnished && running.furnish !== undefined,
    pair: pairOf(user.username, password),
    rightsOf: (name) => rightsOf.call(running, name),
  };
}

/** @throws AbsentPart */
function twinsOf(world: ConformanceWorld): TwinAdmin {
  const admin = present(world.engine.admin, noMasterForm);
  return present(admin.twins, 'the engine has no admin.twins: no users take turns');
}

/** The pair of a user without the suffix and its twin; `isKnown` says that it is this secret's. */
function pairOf(base: string, password: string, more: Partial<TwinPair> = {}): TwinPair {
  const twin = `${base}${twinSuffix}`;
  return {
    base,
    twin,
    current: base,
    next: twin,
    password: new Password(password),
    isKnown: async () => true,
    ...more,
  };
}

/** The engine's own comparison. */
export function compared(world: ConformanceWorld, { admin, pair }: Twins): Promise<readonly string[]> {
  return world.as(world.administrator, (connection) => admin.comparePrivileges(connection, pair));
}

/** What of a twin is not as it must be: the engine's own comparison, and the server's reading of both. */
export async function differences(world: ConformanceWorld, twins: Twins): Promise<string[]> {
  const { pair, rightsOf } = twins;
  const [current, next] = [await rightsOf(pair.current), await rightsOf(pair.next)];
  return [
    ...(await compared(world, twins)).map((line) => `the comparison says: ${line}`),
    ...(twins.furnished && current.length === 0 ? [`${pair.current} has no rights: nothing is shown`] : []),
    ...current.filter((right) => !next.includes(right)).map((right) => `the next user lacks: ${right}`),
    ...next.filter((right) => !current.includes(right)).map((right) => `the next user has beyond: ${right}`),
  ];
}

/** The administrator makes a twin. */
export const clone: Operation = {
  name: 'cloneUser',
  async begin(world) {
    const twins = await newTwins(world);
    const { admin, pair, user } = twins;
    const before = await twins.rightsOf(user.username);
    return {
      user: world.administrator,
      secrets: [user.password, twins.password, world.administrator.password],
      again: async () => world.administrator,
      run: async (connection) => void (await admin.cloneUser(connection, pair)),
      unfinished: () => differences(world, twins),
      async broken() {
        const now = await twins.rightsOf(user.username);
        const lost = before
          .filter((right) => !now.includes(right))
          .map((right) => `the user in use has lost: ${right}`);
        const works = await world.running.hasPassword(user.username, user.password);
        return [
          ...lost,
          ...(works ? [] : ['the user in use has lost its password']),
          // A rotation could promote it.
          ...((await world.running.logsIn(pair.next, twins.password))
            ? (await differences(world, twins)).map((line) => `the next user logs in already, and ${line}`)
            : []),
        ];
      },
    };
  },
};
