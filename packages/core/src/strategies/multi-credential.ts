import type { Engine } from '../engine.ts';
import type { Strategy } from '../rotation.ts';
import { passwordOfOneUser, type SingleUserOptions } from './single-user.ts';

/**
 * The guide's strategy for one user with two credentials, in the form in which the function makes them: a
 * new password is added beside the one in use, and the one before that ends. The previous credential works
 * until the next rotation's setSecret, so no client ever fails. For services that make the credentials
 * themselves, such as IAM, see `issuedCredentials`.
 *
 * It needs an engine whose users may have two passwords; that is a matter of its type.
 */
export function multiCredential<C>(
  engine: Engine<C> & Required<Pick<Engine<C>, 'overlap'>>,
  options: SingleUserOptions = {},
): Strategy {
  return passwordOfOneUser({ name: 'multi-credential', changedBy: 'master' }, engine, options);
}
