import type { Engine } from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { taintFolderVariable } from '../taint/taint-record.ts';
import { ConformanceWorld } from './conformance-world.ts';
import { scenarioGroups } from './groups.ts';
import { type Defect, defects } from './line-database/defects.fixture.ts';
import { lineEngine } from './line-database/line-engine.fixture.ts';
import { lineService } from './line-database/line-service.fixture.ts';

/** What finds a defect, and what it says. */
interface Found {
  readonly group: string;
  readonly scenario: RegExp;
  readonly fault: RegExp;
  /** Two passwords for a user. */
  readonly overlap?: boolean;
}

const foundBy: Readonly<Record<Defect, Found>> = {
  'clones too little': { group: 'twins', scenario: /^a twin is made/, fault: /^the next user lacks: / },
  'revokes nothing': { group: 'twins', scenario: /^it gets what/, fault: /the next user has beyond: read shelf/ },
  'compares nothing': { group: 'twins', scenario: /^it gets what/, fault: /the comparison sees nothing/ },
  'takes any user for the twin': { group: 'twins', scenario: /somebody else's/, fault: /^the clone: it succeeded/ },
  'gives the twin its password first': {
    group: 'lost connections',
    scenario: /cloneUser$/,
    fault: /the next user logs in already, and the next user lacks: /,
  },
  'prints the password': {
    group: 'output',
    scenario: /^nothing that/,
    fault: /changeOwnPassword prints a secret \(raw\)/,
  },
  'puts the password into the error': {
    group: 'lost connections',
    scenario: /changeOwnPassword$/,
    fault: /the error holds a secret \(raw\)/,
  },
  "lets the driver's error out": {
    group: 'lost connections',
    scenario: /resetPassword$/,
    fault: /Error left the engine in place of a RotationError/,
  },
  'falls back to plaintext': { group: 'TLS', scenario: /offers no TLS/, fault: /the password was sent in the clear/ },
  'verifies no certificate': { group: 'TLS', scenario: /nobody trusts/, fault: /the login was tried all the same/ },
  'checks no host name': { group: 'TLS', scenario: /for another host/, fault: /the login: it succeeded/ },
  'tries a login five times': {
    group: 'logins',
    scenario: /^a wrong password/,
    fault: /^5 logins were refused for one wrong password/,
  },
  'ignores the signal': { group: 'deadlines', scenario: /changeOwnPassword$/, fault: /nothing had happened after/ },
  'has no time limit': {
    group: 'causes of failure',
    scenario: /accepts and says nothing/,
    fault: /nothing had happened after/,
  },
  'quotes wrongly': {
    group: 'hostile names in the catalogue',
    scenario: /./,
    fault: /another user has lost its password, or is gone/,
  },
  'takes names for patterns': {
    group: 'user names of every kind',
    scenario: /^every name logs in/,
    fault: /the password of \w+ has changed too/,
  },
  'cuts long passwords': {
    group: 'passwords of every kind',
    scenario: /by the user/,
    fault: /a password of the longest length, 200: the bare driver does not log in/,
  },
  'tries another password first': {
    group: 'rotations',
    scenario: /^single user, changed by the user: six/,
    fault: /1 logins were refused in one invocation though nothing had gone wrong/,
  },
  'keeps one user for all connections': {
    group: 'parallel rotations',
    scenario: /^single user, changed by the user/,
    fault: /^round 1: /,
  },
  'takes a wrong password for a lost connection': {
    group: 'logins',
    scenario: /^a wrong password/,
    fault: /the code is connection-lost, not login-failed/,
  },
  'takes a lost connection for a refused password': {
    group: 'lost connections',
    scenario: /changeOwnPassword$/,
    fault: /the code is password-refused, not connection-lost/,
  },
  'takes the old password away first': {
    group: 'lost connections',
    scenario: /resetPassword$/,
    fault: /the user has neither the old password nor the new one/,
  },
  'cannot be repeated': {
    group: 'passwords change',
    scenario: /^changeOwnPassword is done/,
    fault: /failed the second time/,
  },
  'ends the password in use': {
    group: 'passwords change',
    scenario: /^addPassword by the user/,
    fault: /the user does not have the password in use/,
    overlap: true,
  },
  'hangs in close': { group: 'logins', scenario: /^close ends/, fault: /close of a broken connection had not ended/ },
};

/** Where else a defect shows: so that each group is seen to find one. */
const foundElsewhere: readonly (readonly [Defect, Found])[] = [
  [
    'takes a wrong password for a lost connection',
    { group: 'replica lag', scenario: /^every test/, fault: /^the rotation ended otherwise: / },
  ],
  [
    'tries a login five times',
    { group: 'lockout', scenario: /^single user, changed by the user/, fault: /logins were refused in one invocation/ },
  ],
];

const all: readonly (readonly [Defect, Found])[] = [
  ...defects.map((defect) => [defect, foundBy[defect]] as const),
  ...foundElsewhere,
];

/** What is seen of these is that nothing happens for seconds: they are tried at the same time. */
const waiting: readonly Defect[] = ['ignores the signal', 'has no time limit', 'hangs in close'];

test('every group of scenarios is seen to find a defect', () => {
  expect(new Set(all.map(([, { group }]) => group))).toEqual(new Set(scenarioGroups.map(({ name }) => name)));
});

describe('the suite finds an engine that', () => {
  // These engines print and throw passwords on purpose: nothing of it is for the search at the end of the run.
  beforeAll(() => void vi.stubEnv(taintFolderVariable, undefined));
  afterAll(() => void vi.unstubAllEnvs());

  const find = async ({ group, scenario, fault, overlap = false }: Found, defect: Defect): Promise<void> => {
    const found = scenarioGroups.find(({ name }) => name === group)?.scenarios.find(({ name }) => scenario.test(name));
    if (found === undefined) throw new Error(`there is no scenario ${scenario} in ${group}`);
    const play = async (engine: Engine) => {
      const world = await ConformanceWorld.start(engine, lineService);
      return found.run(world).finally(() => world.stop());
    };
    expect(await play(lineEngine(defect, { overlap }))).toContainEqual(expect.stringMatching(fault));
    // The same without the defect.
    expect(await play(lineEngine(undefined, { overlap }))).toEqual([]);
  };
  const waits = ([defect]: readonly [Defect, Found]) => waiting.includes(defect);

  test.concurrent.each(all.filter(waits))('%s', { timeout: 60_000 }, (defect, found) => find(found, defect));
  test.each(all.filter((each) => !waits(each)))('%s', { timeout: 60_000 }, (defect, found) => find(found, defect));
});
