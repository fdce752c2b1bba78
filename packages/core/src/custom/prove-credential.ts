import { hasCode, RotationError } from '../errors.ts';
import type { Rotation } from '../rotation.ts';
import { AWSPENDING } from '../secret-versions.ts';
import { callHook } from './call-hook.ts';
import type { CustomHooks } from './custom-hooks.ts';
import type { CustomSecret } from './custom-secret.ts';

/** A version whose credential is tried. */
export interface Tried<S> {
  readonly versionId: string;
  readonly label: string;
  readonly secret: CustomSecret<S>;
}

/**
 * Whether the service accepts a version's credential. Counts as a login: refused ones are limited in one invocation.
 * @throws RotationError `login-failed` if no more may be refused; whatever the hook throws
 */
export async function isAccepted<S extends object>(
  { proveCredential }: Pick<CustomHooks<S>, 'proveCredential'>,
  { versionId, label, secret }: Tried<S>,
  rotation: Rotation,
): Promise<boolean> {
  const { logins, memory, log, event } = rotation;
  if (logins.reached) throw noMore(rotation, label);
  logins.tried += 1;
  const start = performance.now();
  const accepted = await ask(() =>
    callHook({ hook: 'proveCredential', stage: label, hidden: secret.hidden }, rotation, () =>
      proveCredential(secret.secret, rotation),
    ),
  );
  const facts = { with: label, durationMs: Math.round(performance.now() - start) };
  if (accepted) {
    log.info('credential-accepted', facts);
  } else {
    logins.refused += 1;
    memory.refused.add(event.SecretId, versionId);
    log.warn('credential-refused', { ...facts, triedVersionId: versionId });
  }
  return accepted;
}

/**
 * Proves a version. Where `propagationWaitMs` says that the service may learn of a new credential late, a refused
 * AWSPENDING is tried again in growing pauses: as often as refused logins are allowed, spread over that time.
 * @throws RotationError `login-failed` if it is refused to the end
 */
export async function prove<S extends object>(
  hooks: Pick<CustomHooks<S>, 'proveCredential'>,
  tried: Tried<S>,
  rotation: Rotation,
): Promise<void> {
  const waits = tried.label === AWSPENDING ? pauses(rotation) : [];
  while (!(await isAccepted(hooks, tried, rotation))) {
    const pause = waits.shift();
    if (pause === undefined) throw refused(`the service refused the credential of ${tried.label}`, tried.label);
    rotation.log.info('waiting-for-propagation', { pauseMs: Math.round(pause) });
    await rotation.deadline.sleep(pause, 'wait until the service knows the new credential');
  }
}

/** A hook may also say by an error that the credential is refused. */
async function ask(hook: () => Promise<unknown>): Promise<boolean> {
  let answer: unknown;
  try {
    answer = await hook();
  } catch (error) {
    if (hasCode(error, 'login-failed')) return false;
    throw error;
  }
  if (typeof answer === 'boolean') return answer;
  throw new RotationError('invalid-configuration', {
    message: 'proveCredential answered neither true nor false',
    remedy: 'Let proveCredential return whether the service accepts the credential.',
  });
}

/** Each twice as long as the one before; together they are the whole wait. */
function pauses({ settings, logins }: Rotation): number[] {
  const count = settings.propagationWaitMs > 0 ? Math.max(0, logins.left - 1) : 0;
  return Array.from({ length: count }, (_, i) => (settings.propagationWaitMs / (2 ** count - 1)) * 2 ** i);
}

function noMore({ logins }: Rotation, stage: string): RotationError {
  return refused(`${logins.refused} credentials were refused, and no more are tried in one invocation`, stage);
}

function refused(message: string, stage: string): RotationError {
  return new RotationError('login-failed', {
    message,
    stage,
    remedy: 'Check what the service says of this credential: a retry tries it again.',
  });
}
