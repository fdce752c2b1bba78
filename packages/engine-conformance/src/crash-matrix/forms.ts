import {
  alternatingUsers,
  type Engine,
  multiCredential,
  RotationFunction,
  type Strategy,
  singleUser,
} from '@keyturn/core';
import type { Authority } from '../certificates.ts';
import type { MakeFunction } from './rotation-process.ts';
import type { WorldPromise } from './rotation-world.ts';

/** A way to rotate that the matrix is run for. */
export interface CrashMatrixForm {
  readonly name: string;
  /** Makes the function under test for one process. */
  readonly makeFunction: (authority: Authority) => MakeFunction;
  /** What the strategy promises of the credential in use while another is being made. */
  readonly promise: WorldPromise;
}

/**
 * The forms of every strategy that this engine has. Where users may have two passwords, the single-user strategy makes
 * the same calls as multi-credential: one of the two is enough.
 */
export function formsOf<C>(engine: Engine<C>): CrashMatrixForm[] {
  const changers = engine.admin === undefined ? (['user'] as const) : (['user', 'master'] as const);
  const { overlap } = engine;
  return [
    ...(overlap === undefined
      ? singleUserForms(engine).slice(0, changers.length)
      : multiCredentialForms({ ...engine, overlap }, changers)),
    ...(engine.admin?.twins === undefined ? [] : alternatingUsersForms(engine)),
  ];
}

/** The forms of the single-user strategy, for one engine. */
export function singleUserForms<C>(engine: Engine<C>): CrashMatrixForm[] {
  return (['user', 'master'] as const).map((changedBy) => ({
    name: `single user, changed by the ${changedBy}`,
    makeFunction: functionOf(engine, () => singleUser(engine, { changedBy })),
    promise: engine.overlap === undefined ? 'some version works' : 'AWSCURRENT works',
  }));
}

/** The form of the strategy with two users, for one engine. */
export function alternatingUsersForms<C>(engine: Engine<C>): CrashMatrixForm[] {
  return [
    {
      name: 'alternating users',
      makeFunction: functionOf(engine, () => alternatingUsers(engine)),
      promise: 'AWSCURRENT works, and both users may do the same',
    },
  ];
}

/** The forms of the strategy with two passwords for one user. */
export function multiCredentialForms<C>(
  engine: Engine<C> & Required<Pick<Engine<C>, 'overlap'>>,
  changers: readonly ('user' | 'master')[],
): CrashMatrixForm[] {
  return changers.map((changedBy) => ({
    name: `multi-credential, changed by the ${changedBy}`,
    makeFunction: functionOf(engine, () => multiCredential(engine, { changedBy })),
    promise: 'AWSCURRENT works',
  }));
}

/** How long new passwords are: as core makes them, unless the engine takes no such length. */
export function passwordLengthFor<C>({ passwords }: Engine<C>): number {
  return Math.min(32, passwords.maxLength);
}

function functionOf<C>(engine: Engine<C>, strategy: () => Strategy): CrashMatrixForm['makeFunction'] {
  return (authority) => (client) =>
    new RotationFunction(strategy(), {
      client,
      password: { passwordLength: passwordLengthFor(engine) },
      tls: { ca: authority.certificate },
      // Nothing here is eventually consistent: what is not there will not come.
      consistencyWaitMs: 200,
      env: {},
    });
}
