import { makeAuthority } from '../certificates.ts';
import type { RunningService, ServerCertificate } from '../service.ts';
import { startTcpRelay } from '../tcp-relay.ts';
import type { WireTap } from '../wire-tap.ts';
import type { ConformanceWorld, WorldUser } from './conformance-world.ts';
import { attempt, type ExpectedFailure, faultsOf, secretsIn } from './failure.ts';
import { AbsentPart, type Scenario, type ScenarioGroup } from './scenario.ts';

const hour = 3_600_000;

/** Certificates that must be refused, and how. */
const bad: readonly (readonly [
  name: string,
  code: 'tls-untrusted' | 'tls-wrong-host',
  (world: ConformanceWorld) => ServerCertificate,
])[] = [
  ['of an authority that nobody trusts', 'tls-untrusted', () => makeAuthority('Conformance').sign()],
  ['for another host', 'tls-wrong-host', ({ authority }) => authority.sign({ hosts: ['other.example', '192.0.2.1'] })],
  [
    'that has expired',
    'tls-untrusted',
    ({ authority }) =>
      authority.sign({ notBefore: new Date(Date.now() - 2 * hour), notAfter: new Date(Date.now() - hour) }),
  ],
  [
    'that is not valid yet',
    'tls-untrusted',
    ({ authority }) => authority.sign({ notBefore: new Date(Date.now() + hour) }),
  ],
];

/** Logs in through a relay that reads all bytes. */
async function overheard(
  world: ConformanceWorld,
  user: WorldUser,
  server: Pick<RunningService, 'host' | 'port'>,
  expected: Omit<ExpectedFailure, 'secrets'> | 'success',
): Promise<string[]> {
  const relay = await startTcpRelay({ upstream: () => server });
  try {
    const at = world.at(relay.port);
    const outcome = await attempt(() => world.as(user, (connection) => world.engine.ping(connection), at));
    const secrets = [user.password];
    const faults =
      expected === 'success'
        ? outcome.failed
          ? [`the login failed: ${String(outcome.error)}`]
          : []
        : faultsOf('the login', outcome, { login: { ...at, username: user.username }, ...expected, secrets });
    const sent = relay.sent();
    if (relay.connections === 0) faults.push('nobody connected: nothing is shown');
    const forms = secretsIn(sent.toString('latin1'), secrets);
    faults.push(...forms.map((form) => `the password was sent in the clear (${form})`));
    // A login names its user, whatever proves the password: so a login in the clear is seen, whatever its method.
    if (namesUser(sent, user)) faults.push('the name of the user was sent in the clear');
    return faults;
  } finally {
    await relay.close();
  }
}

/** Logs in with `"ssl": false`. */
async function inTheClear(world: ConformanceWorld, user: WorldUser, server: RunningService) {
  const relay = await startTcpRelay({ upstream: () => server });
  const { engine } = world;
  const login = world.login(user, { ...world.at(relay.port), tls: false, database: server.database });
  const outcome = await attempt(async () => engine.close(await engine.connect(login, world.limits())));
  const sent = relay.sent();
  await relay.close();
  return { outcome, sent };
}

function namesUser(sent: Buffer, { username }: WorldUser): boolean {
  return sent.includes(Buffer.from(username)) || sent.includes(Buffer.from(username, 'utf16le'));
}

function needsTls(world: ConformanceWorld): void {
  if (!world.usesTls) throw new AbsentPart('the server speaks no TLS');
}

function refuses(
  name: string,
  code: 'tls-untrusted' | 'tls-wrong-host',
  certificateOf: (world: ConformanceWorld) => ServerCertificate,
): Scenario {
  return {
    name: `a certificate ${name} is refused before anybody logs in: ${code}`,
    async run(world) {
      needsTls(world);
      const user = await world.newUser();
      const certificate = certificateOf(world);
      const through = async (tap: WireTap) => [
        ...(await overheard(world, user, { host: '127.0.0.1', port: tap.port }, { codes: [code] })),
        ...(tap.logins.length > 0 ? ['the login was tried all the same'] : []),
      ];
      return world.withTap(through, undefined, { certificate });
    },
  };
}

/** TLS is verified, and never left. */
export const tls: ScenarioGroup = {
  name: 'TLS',
  scenarios: [
    {
      name: 'a trusted certificate is taken, and nothing of the login is in the clear',
      async run(world) {
        needsTls(world);
        const user = await world.newUser();
        return overheard(world, user, world.running, 'success');
      },
    },
    ...bad.map(([name, code, certificateOf]) => refuses(name, code, certificateOf)),
    {
      name: 'a server that offers no TLS gets no login: tls-not-offered; with "ssl": false it does',
      timeoutMs: 180_000,
      async run(world) {
        needsTls(world);
        if (world.service.tlsOnly === true) throw new AbsentPart('the server cannot be started without TLS');
        if (world.service.given === true) throw new AbsentPart("a server of somebody's own is not started without TLS");
        const running = await world.service.start({ tls: false });
        try {
          const user = { username: world.newName(), password: world.newPassword() };
          await running.createUser(user.username, user.password);
          const faults = await overheard(world, user, running, { codes: ['tls-not-offered'] });
          // Else nothing is shown: the server might be down, or the relay deaf. Some methods of logging in need TLS.
          const plain = await inTheClear(world, user, running);
          if (plain.outcome.failed) {
            const codes = ['auth-method-unsupported'] as const;
            faults.push(...faultsOf('"ssl": false', plain.outcome, { codes, secrets: [user.password] }));
          } else if (!namesUser(plain.sent, user))
            faults.push('the relay sees no login in the clear: nothing is shown');
          return faults;
        } finally {
          await running.stop();
        }
      },
    },
  ],
};
