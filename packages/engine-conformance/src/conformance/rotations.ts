import type { Engine } from '@keyturn/core';
import { type CrashMatrixForm, formsOf } from '../crash-matrix/forms.ts';
import type { MakeFunction } from '../crash-matrix/rotation-process.ts';
import { RotationWorld } from '../crash-matrix/rotation-world.ts';
import { changeBehindItsBack } from './changed-behind.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import { present, type Scenario, type ScenarioGroup } from './scenario.ts';

/** Rotations that run at once in these scenarios. */
const atOnce = 4;

/** What an invocation may have refused after something went wrong: core's default. */
const mostRefused = 3;

/** Every strategy that some engine has, by the name of its form. */
const strategies: readonly (readonly [form: string, absent: string])[] = [
  ['single user, changed by the user', 'the engine has overlap: multi-credential makes the same calls'],
  [
    'single user, changed by the master',
    'the engine has no admin, or has overlap, where multi-credential makes the same calls',
  ],
  ['alternating users', 'the engine has no admin.twins: no users take turns'],
  ['multi-credential, changed by the user', 'the engine has no overlap: a user has one password at a time'],
  ['multi-credential, changed by the master', 'the engine has no overlap or no admin'],
];

/** Declares a scenario for each strategy. */
function forEachStrategy(
  name: string,
  play: (world: ConformanceWorld, form: CrashMatrixForm) => Promise<readonly string[]>,
): Scenario[] {
  return strategies.map(([wanted, absent]) => ({
    name: `${wanted}: ${name}`,
    timeoutMs: 180_000,
    run: (world) => play(world, present(formOf(world.engine, wanted), absent)),
  }));
}

function formOf(engine: Engine, wanted: string): CrashMatrixForm | undefined {
  return formsOf(engine).find(({ name }) => name === wanted);
}

/** A secret with a user of its own, which this strategy rotates. */
function newSecret(world: ConformanceWorld, { promise, makeFunction }: CrashMatrixForm, wrap: Wrap = (make) => make) {
  const { protocol, startTap, speaksTls } = world.service;
  return RotationWorld.make({
    service: world.running,
    protocol,
    startTap,
    speaksTls,
    certificate: world.certificate,
    promise,
    attempts: 1,
    makeFunction: wrap(makeFunction(world.authority)),
  });
}

type Wrap = (make: MakeFunction) => MakeFunction;

/** Each step is taken twice, the second time by a process that knows nothing of the first. */
const everyStepTwice: Wrap = (make) => (client) => {
  const [first, second] = [make(client), make(client)];
  return {
    async handler(event, context) {
      await first.handler(event, context);
      await second.handler(event, context);
    },
  };
};

/** What is wrong after a rotation in which nothing failed. */
async function faultsWith(secret: RotationWorld, allowed: number): Promise<string[]> {
  const refused = secret.mostRefusedLogins;
  return [
    ...(await secret.faults({})),
    ...(refused > allowed ? [`${refused} logins were refused in one invocation though nothing had gone wrong`] : []),
  ];
}

/** @param allowed how many logins one invocation may have refused */
async function rotatedSixTimes(
  world: ConformanceWorld,
  form: CrashMatrixForm,
  allowed: number,
  wrap?: Wrap,
): Promise<string[]> {
  const secret = await newSecret(world, form, wrap);
  try {
    const faults: string[] = [];
    for (const nth of [2, 4, 6]) {
      const counted = await refusedLogins(world, secret);
      await secret.rotateAndChangeRights();
      // After one that failed the service would refuse the next: what is wrong is told below.
      if (secret.failure === undefined) await secret.rotate();
      faults.push(...(await faultsWith(secret, allowed)).map((fault) => `rotation ${nth}: ${fault}`));
      const more = (await refusedLogins(world, secret)) - counted;
      if (more > 2 * allowed) faults.push(`rotation ${nth}: the server counts ${more} refused logins`);
      if (faults.length > 0) break;
    }
    return faults;
  } finally {
    await secret.close();
  }
}

async function refusedLogins({ running }: ConformanceWorld, { user }: RotationWorld): Promise<number> {
  return (await running.refusedLogins?.(user)) ?? 0;
}

/** Several secrets of one server, rotated at the same time, twice. */
async function inParallel(world: ConformanceWorld, form: CrashMatrixForm): Promise<string[]> {
  const secrets: RotationWorld[] = [];
  try {
    for (let i = 0; i < atOnce; i += 1) secrets.push(await newSecret(world, form));
    const faults: string[] = [];
    for (const round of [1, 2]) {
      await Promise.all(secrets.map((secret) => secret.rotate()));
      for (const secret of secrets) {
        faults.push(...(await faultsWith(secret, 0)).map((fault) => `round ${round}: ${fault}`));
      }
      if (faults.length > 0) break;
    }
    return faults;
  } finally {
    for (const secret of secrets) await secret.close();
  }
}

/** Somebody has changed the password, and no version of the secret has it. */
async function lostPassword(world: ConformanceWorld, form: CrashMatrixForm): Promise<string[]> {
  const secret = await newSecret(world, form);
  try {
    // Older versions, each of which is a password to try.
    for (let i = 0; i < 3; i += 1) await secret.rotate();
    const current = await secret.secret.current();
    const password = await changeBehindItsBack(world, current);
    const counted = (await world.running.refusedLogins?.(current.username)) ?? 0;
    await secret.rotate();
    const more = ((await world.running.refusedLogins?.(current.username)) ?? 0) - counted;
    return [
      secret.failure?.includes('login-failed') ? undefined : `the rotation ended otherwise: ${secret.failure}`,
      secret.mostRefusedLogins === 0 ? 'no login was refused: nothing is shown' : undefined,
      secret.mostRefusedLogins > mostRefused
        ? `${secret.mostRefusedLogins} logins were refused in one invocation`
        : undefined,
      more > mostRefused ? `the server counts ${more} refused logins` : undefined,
      (await world.running.logsIn(current.username, password)) ? undefined : 'the user is locked out',
    ].filter((fault) => fault !== undefined);
  } finally {
    await secret.close();
  }
}

/** Whole rotations, through core and a local Secrets Manager. */
export const rotations: ScenarioGroup = {
  name: 'rotations',
  scenarios: [
    ...forEachStrategy('six rotations, and no login is refused', (world, form) => rotatedSixTimes(world, form, 0)),
    // setSecret, done again, meets a password that the first time has changed: it is refused once.
    ...forEachStrategy('every step twice', (world, form) => rotatedSixTimes(world, form, 1, everyStepTwice)),
  ],
};

/** Several at once. */
export const parallelRotations: ScenarioGroup = {
  name: 'parallel rotations',
  scenarios: forEachStrategy(`${atOnce} secrets of one server at once`, inParallel),
};

/** Counters of refused logins, which lock accounts. */
export const lockout: ScenarioGroup = {
  name: 'lockout',
  scenarios: forEachStrategy('a password that no version has is looked for in three logins, not more', lostPassword),
};
