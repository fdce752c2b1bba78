import { checkBasedOn } from '../based-on.ts';
import { DatabaseLogins } from '../database-logins.ts';
import { EarlyMaster } from '../early-master.ts';
import type { Engine, EngineAdmin, TwinAdmin, TwinPair } from '../engine.ts';
import { RotationError } from '../errors.ts';
import { findLogin, isNamedByOtherVersion } from '../find-login.ts';
import type { ManagedServices } from '../managed-services.ts';
import { MasterSecret } from '../master-secret.ts';
import { nextPassword } from '../next-password.ts';
import { checkAccepted } from '../password-policy.ts';
import { proveLogin } from '../prove-login.ts';
import { readSecret } from '../read-secret.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { sameService } from '../same-service.ts';
import { withValues } from '../secret-text.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import { refusalTakesPendingOff } from '../take-pending-off.ts';
import { type TwinNaming, twinNames } from '../twin-names.ts';

/** How the two users come about. */
export interface AlternatingUsersOptions extends TwinNaming {
  /**
   * `cloned`: the second user is made, and at every rotation the one that is to be used next gets exactly the
   * rights of the one in use. `given`: you have made the second user; it is used as it is, and differences
   * are only logged.
   * @default 'cloned'
   */
  readonly twin?: 'cloned' | 'given' | undefined;
  /** Finds the servers of managed master secrets. @default - a master secret says itself where its server is */
  readonly managedServices?: ManagedServices | undefined;
}

/**
 * The guide's strategy of two users that take turns: the master gives the one that is not in use the rights of
 * the other and a new password, and then it becomes AWSCURRENT. Clients that hold the previous credential go
 * on until the next rotation sets its user's password, so no client ever fails.
 */
export function alternatingUsers<C>(engine: Engine<C>, options: AlternatingUsersOptions = {}): Strategy {
  const logins = new DatabaseLogins(engine);
  const isGiven = options.twin === 'given';

  return {
    name: `alternating-users ${engine.name}`,
    previousWorks: true,

    async nextValue(version, rotation) {
      adminOf(engine);
      const current = readSecret(version, engine.secret, rotation, AWSCURRENT);
      const { next } = twinNames(current.username, options, engine.secret, rotation.settings);
      const masterArn = MasterSecret.arnFor(current, rotation);
      refuseOwnMaster(masterArn, rotation);
      EarlyMaster.remember(masterArn, rotation);
      const password = await nextPassword(engine.passwords, rotation);
      return withValues(version.text ?? '', { username: next, password });
    },

    async setSecret(currentVersion, pendingVersion, rotation) {
      const current = readSecret(currentVersion, engine.secret, rotation, AWSCURRENT);
      const pending = readSecret(pendingVersion, engine.secret, rotation, AWSPENDING);
      const names = twinNames(current.username, options, engine.secret, rotation.settings);
      if (pending.username !== names.next) {
        throw new RotationError('user-mismatch', {
          message: 'AWSPENDING does not name the other user of AWSCURRENT',
          stage: AWSPENDING,
          user: pending.username,
          remedy: 'Take AWSPENDING off, then rotate again.',
        });
      }
      if (!sameService(current, pending, rotation.settings)) {
        throw new RotationError('service-mismatch', {
          message: 'AWSPENDING and AWSCURRENT name different hosts or ports',
          stage: AWSPENDING,
        });
      }
      await checkBasedOn(currentVersion, pendingVersion, ['username', 'password'], rotation);
      checkAccepted(pending.password, engine.passwords);
      const pair: TwinPair = {
        ...names,
        database: current.database,
        password: pending.password,
        isKnown: () => isNamedByOtherVersion(names.next, current, engine.secret, rotation),
      };
      const { admin, twins } = adminOf(engine);
      // The confused deputy: the master does nothing until AWSCURRENT has logged in. The two logins may overlap.
      const proof = failureOf(
        findLogin({ engine, logins, current, currentId: currentVersion.versionId }, rotation, async () => {}),
      );
      const master = new MasterSecret(engine.secret, current, rotation, options.managedServices);
      const work = failureOf(
        logins.useMaster(master, [names.base, names.twin], rotation, async (connection) => {
          if ((await proof) !== undefined) return;
          await (isGiven ? tellDifferences : makeEqual)(twins, connection, pair, rotation);
          // Last: until now, a user that was just made cannot log in.
          await refusalTakesPendingOff(rotation, () =>
            admin.resetPassword(connection, names.next, pending.password, current.database),
          );
        }),
      );
      const failure = (await proof) ?? (await work);
      await work;
      if (failure !== undefined) throw failure.error;
      rotation.log.info('password-set', { user: names.next });
    },

    testSecret(version, rotation, label) {
      const secret = readSecret(version, engine.secret, rotation, label);
      return proveLogin({ engine, logins }, secret, { label, versionId: version.versionId }, rotation);
    },
  };
}

/** How many of the engine's lines stand in a log line or a message. */
const mostLines = 20;

async function makeEqual<C>(twins: TwinAdmin<C>, connection: C, pair: TwinPair, rotation: Rotation): Promise<void> {
  const { created, given, taken } = await twins.cloneUser(connection, pair);
  if (created) rotation.log.info('twin-created', { user: pair.next, like: pair.current });
  if (given.length > 0)
    rotation.log.info('rights-given', { user: pair.next, count: given.length, rights: lines(given) });
  if (taken.length > 0)
    rotation.log.warn('rights-taken', { user: pair.next, count: taken.length, rights: lines(taken) });
  const differences = await twins.comparePrivileges(connection, pair);
  if (differences.length === 0) return;
  throw new RotationError('privileges-differ', {
    message: `${differences.length} rights of the users differ: ${lines(differences)}`,
    user: pair.next,
  });
}

async function tellDifferences<C>(
  twins: TwinAdmin<C>,
  connection: C,
  pair: TwinPair,
  { log }: Rotation,
): Promise<void> {
  const differences = await twins.comparePrivileges(connection, pair);
  if (differences.length === 0) return;
  log.warn('privileges-differ', { user: pair.next, count: differences.length, rights: lines(differences) });
}

function lines(all: readonly string[]): string {
  const more = all.length > mostLines ? `; and ${all.length - mostLines} more` : '';
  return `${all.slice(0, mostLines).join('; ')}${more}`;
}

function adminOf<C>(engine: Engine<C>): { readonly admin: EngineAdmin<C>; readonly twins: TwinAdmin<C> } {
  const { admin } = engine;
  if (admin?.twins === undefined) {
    throw new RotationError('invalid-configuration', {
      message: `the engine ${engine.name} has no alternating users`,
      remedy: 'Use another strategy with this engine.',
    });
  }
  return { admin, twins: admin.twins };
}

/** Known before anything is written: the secret names itself, by ARN or, as calls allow, by name. */
function refuseOwnMaster(master: string, { event }: Rotation): void {
  const name = event.SecretId.split(':secret:').at(-1)?.slice(0, -'-AbCdEf'.length);
  if (master !== event.SecretId && master !== name) return;
  throw new RotationError('user-is-master', { message: 'the secret names itself as its master secret' });
}

/** The failure as a value: of two things that go on at once, neither may be left alone when the other fails. */
async function failureOf(work: Promise<unknown>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return { error };
  }
}
