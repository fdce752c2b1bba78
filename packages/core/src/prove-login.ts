import type { DatabaseLogins } from './database-logins.ts';
import type { DatabaseSecret } from './database-secret.ts';
import type { Engine } from './engine.ts';
import { hasCode } from './errors.ts';
import type { Rotation } from './rotation.ts';
import { AWSPENDING } from './secret-versions.ts';

/**
 * Logs in with a version's credential and runs a statement.
 *
 * A farm of servers may take a while until each of them knows a new password, and a replica until it has
 * it. Where `propagationWaitMs` says so, a refused login of AWSPENDING is tried again in growing pauses: as
 * often as refused logins are allowed, spread over that time.
 * @throws RotationError `login-failed` if it is refused to the end
 */
export async function proveLogin<C>(
  { engine, logins }: { readonly engine: Engine<C>; readonly logins: DatabaseLogins<C> },
  secret: DatabaseSecret,
  credential: { readonly label: string; readonly versionId: string },
  rotation: Rotation,
): Promise<void> {
  const waits = credential.label === AWSPENDING ? pauses(rotation) : [];
  for (;;) {
    try {
      return await logins.use(secret, credential, rotation, (connection) => engine.ping(connection));
    } catch (error) {
      const pause = waits.shift();
      if (pause === undefined || !hasCode(error, 'login-failed')) throw error;
      rotation.log.info('waiting-for-propagation', { pauseMs: Math.round(pause) });
      await rotation.deadline.sleep(pause, 'wait until every server knows the new password');
    }
  }
}

/** Each twice as long as the one before; together they are the whole wait. */
function pauses({ settings, logins }: Rotation): number[] {
  const count = settings.propagationWaitMs > 0 ? logins.left - 1 : 0;
  const shortest = settings.propagationWaitMs / (2 ** count - 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => shortest * 2 ** i);
}
