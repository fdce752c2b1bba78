import type { PasswordRules } from '../engine.ts';
import type { Rotation } from '../rotation.ts';

/**
 * What a rotation must know of a service that is no engine's: the hooks of {@link customStrategy}, and of a class
 * that extends RotationFunction. `S` is the secret's shape.
 *
 * A hook may reject with a RotationError, which is told as it is, or with anything else, which is told as a
 * RotationError with the hook's name; either way without a value of the secret. Every hook ends with the
 * invocation's time: hand `rotation.deadline.signal` to whatever waits.
 */
export interface CustomHooks<S extends object> {
  /** For logs only. */
  readonly name: string;
  /**
   * The keys of the secret that a rotation replaces. Every other key stays byte for byte as it is, and must be the
   * same in AWSCURRENT and AWSPENDING.
   * @default ['password']
   */
  readonly rotatedKeys?: readonly (keyof S & string)[] | undefined;
  /** Which passwords the service takes. @default - 1 to 4096 printable ASCII characters without / @ " ' \ */
  readonly passwords?: PasswordRules | undefined;
  /** Whether the previous credential works until the next rotation, for the grace period. @default false */
  readonly previousWorks?: boolean | undefined;
  /**
   * Checks a version's JSON object and gives it its type. It throws where a key is missing or wrong; the `issues` of
   * zod, valibot and other schemas are read, and the keys that they name are told at once. Let it give only the keys
   * that the hooks use: others may then change while a rotation is under way, and crashes are still recovered from.
   * @default - only the rotated keys are checked: they must be there
   */
  parseSecret?: ((value: unknown) => S) | undefined;
  /**
   * The new values of the rotated keys. It changes nothing anywhere: it is called again at every repeat of createSecret,
   * and what it then gives is thrown away if a value is stored already. For a service that makes its credentials
   * itself, see `issuedCredentials`.
   * @default - a new password for each rotated key, under the function's password options
   */
  nextSecret?: ((current: S, rotation: Rotation) => Partial<S> | Promise<Partial<S>>) | undefined;
  /**
   * Makes the service take the credential `pending` in place of `current`, which it has just accepted. A repeat
   * must succeed where the service takes `pending` already: it is called again after a lost answer.
   * A RotationError `password-refused`, thrown only if the service has certainly kept `current`, takes AWSPENDING off,
   * so that the next rotation makes another credential.
   */
  changeCredential(current: S, pending: S, rotation: Rotation): Promise<void>;
  /**
   * Whether the service accepts this credential, found out by using it. False only where the service says that the
   * credential is wrong; whatever else goes wrong, an overloaded service too, is thrown. It changes nothing.
   */
  proveCredential(secret: S, rotation: Rotation): Promise<boolean>;
  /**
   * Whether an older version is of the same account of the same service as AWSCURRENT. Only then its credential is
   * tried, should AWSCURRENT be refused. @default - what parseSecret gives is equal but for the rotated keys
   */
  isSameAccount?: ((current: S, other: S) => boolean) | undefined;
}
