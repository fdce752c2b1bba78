import { checkBasedOn } from '../based-on.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import type { SecretVersion } from '../secrets-manager.ts';
import { refusalTakesPendingOff } from '../take-pending-off.ts';
import { callHook } from './call-hook.ts';
import type { CustomHooks } from './custom-hooks.ts';
import { parseCustomSecret, rotatedKeysOf } from './custom-secret.ts';
import { findWorking } from './find-working.ts';
import { nextText } from './next-text.ts';
import { prove } from './prove-credential.ts';

/**
 * Rotates the credential of a service that somebody describes by hooks: one account, whose credential changes in
 * place. setSecret proves AWSCURRENT first, looks for the credential that works where it is refused, and then lets
 * the hook change it; testSecret proves AWSPENDING.
 */
export function customStrategy<S extends object>(hooks: CustomHooks<S>): Strategy {
  const read = (version: SecretVersion, label: string, rotation: Rotation) => ({
    versionId: version.versionId,
    secret: parseCustomSecret(version.text, label, hooks, rotation),
  });
  return {
    name: hooks.name,
    previousWorks: hooks.previousWorks ?? false,

    nextValue: async (version, rotation) => nextText(hooks, read(version, AWSCURRENT, rotation).secret, rotation),

    async setSecret(currentVersion, pendingVersion, rotation) {
      const current = read(currentVersion, AWSCURRENT, rotation);
      const pending = read(pendingVersion, AWSPENDING, rotation);
      await checkBasedOn(currentVersion, pendingVersion, rotatedKeysOf(hooks), rotation);
      const working = await findWorking(hooks, { current, pending }, rotation);
      if (working.isPending) return rotation.log.info('credential-was-set-before');
      // From now on the pending credential may become the right one, whatever was seen before.
      rotation.memory.refused.delete(rotation.event.SecretId, rotation.event.ClientRequestToken);
      const hidden = [...working.secret.hidden, ...current.secret.hidden, ...pending.secret.hidden];
      const call = { hook: 'changeCredential', stage: working.label, hidden };
      await refusalTakesPendingOff(rotation, () =>
        callHook(call, rotation, () => hooks.changeCredential(working.secret.secret, pending.secret.secret, rotation)),
      );
      rotation.log.info('credential-set', { loggedInWith: working.label });
    },

    testSecret: (version, rotation, label) => prove(hooks, { ...read(version, label, rotation), label }, rotation),
  };
}

/** A strategy that proves a version in its own way, and then by the hook too. */
export function alsoProvedBy<S extends object>(
  strategy: Strategy,
  hooks: Pick<CustomHooks<S>, 'name' | 'rotatedKeys' | 'parseSecret' | 'proveCredential'>,
): Strategy {
  return {
    ...strategy,
    async testSecret(version, rotation, label) {
      await strategy.testSecret(version, rotation, label);
      const all = { ...hooks, rotatedKeys: hooks.rotatedKeys ?? [], changeCredential: async () => {} };
      const secret = parseCustomSecret(version.text, label, all, rotation);
      await prove(hooks, { versionId: version.versionId, label, secret }, rotation);
    },
  };
}
