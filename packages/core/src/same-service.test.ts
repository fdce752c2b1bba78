import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DeclaredHost, sameService } from './same-service.ts';
import type { ServiceAddress } from './service-address.ts';
import { readServiceSettings } from './service-settings.ts';

const seed = Number(process.env.FC_SEED ?? Date.now());
console.log(`same-service: FC_SEED=${seed}`);

const at = (host: string, port = 5432): ServiceAddress => ({ host, port });

function declaredBy(SAME_SERVICE: string) {
  const faults: string[] = [];
  const settings = readServiceSettings({}, { SAME_SERVICE }, faults);
  expect(faults).toEqual([]);
  return settings;
}

describe('the same service', () => {
  test('is told without regard to case and trailing dot', () => {
    expect(sameService(at('DB.example.'), at('db.Example'))).toBe(true);
  });

  test.each([
    [at('db.example'), at('db2.example')],
    [at('db.example'), at('db.example', 5433)],
    [at('db.example'), at('db.example.evil')],
    [at('db.example'), at('db.example..')],
    // The Kelvin sign, which lower case would make a k of.
    [at('disk.example'), at('dis\u212A.example')],
    [at('straße.example'), at('strasse.example')],
  ])('is not %o and %o', (a, b) => {
    expect(sameService(a, b)).toBe(false);
  });

  test.each([
    ['both names', 'proxy.example=db.example', at('proxy.example'), at('db.example'), true],
    ['both names, the other way round', 'proxy.example=db.example', at('db.example'), at('proxy.example'), true],
    ['names in another spelling', ' PROXY.example. = db.Example', at('proxy.example'), at('DB.example.'), true],
    ['two of three names', 'a.example=b.example=c.example', at('a.example'), at('c.example'), true],
    ['names of the second server', 'a.example=b.example;c.example=d.example', at('c.example'), at('d.example'), true],
    ['names of two servers', 'a.example=b.example;c.example=d.example', at('a.example'), at('c.example'), false],
    ['names that meet in a third', 'a.example=b.example;b.example=c.example', at('a.example'), at('c.example'), false],
    ['one of the names', 'a.example=b.example', at('a.example'), at('c.example'), false],
    ['the names, and the ports differ', 'a.example=b.example', at('a.example', 1), at('b.example', 2), false],
    ['the ports as well', 'a.example:1=b.example:2', at('a.example', 1), at('b.example', 2), true],
    ['other ports', 'a.example:1=b.example:2', at('a.example', 1), at('b.example', 1), false],
    ['one of two ports that differ', 'a.example:1=b.example', at('a.example', 1), at('b.example', 2), false],
    ['one of two ports that are equal', 'a.example:1=b.example', at('a.example', 1), at('b.example', 1), true],
    ['two ports of one host', 'a.example:1=a.example:2', at('a.example', 1), at('a.example', 2), true],
    ['addresses of IPv6', 'fd00::1=[fd00::2]', at('fd00::1'), at('FD00::2'), true],
    ['addresses of IPv6 with ports', '[fd00::1]:1=[fd00::2]:2', at('fd00::1', 1), at('fd00::2', 2), true],
  ])('as the configuration declares %s', (_what, text, a, b, expected) => {
    expect(sameService(a, b, declaredBy(text))).toBe(expected);
    expect(sameService(b, a, declaredBy(text))).toBe(expected);
    // A control: what is declared is the only reason.
    expect(sameService(a, b)).toBe(false);
  });
});

// Few names and ports, so that they meet often.
const host = fc.constantFrom('a', 'A.', 'b', 'B', 'c.example', 'C.example.');
const port = fc.constantFrom(1, 2, 3);
const address = fc.record({ host, port });
const declared = fc.array(
  fc.array(fc.record({ host, port: fc.option(port, { nil: undefined }) }) as fc.Arbitrary<DeclaredHost>, {
    maxLength: 4,
  }),
  { maxLength: 3 },
);

describe('whatever is declared', () => {
  test('every address is the same service as itself, and two are in both directions', () => {
    fc.assert(
      fc.property(address, address, declared, (a, b, sameServices) => {
        const settings = { sameService: sameServices };
        expect(sameService(a, a, settings)).toBe(true);
        expect(sameService(a, b, settings)).toBe(sameService(b, a, settings));
      }),
      { seed, numRuns: 2_000 },
    );
  });

  test('addresses of which one is not declared are the same only if they are equal', () => {
    fc.assert(
      fc.property(address, port, declared, (a, otherPort, sameServices) => {
        const settings = { sameService: sameServices };
        expect(sameService(a, { host: 'undeclared', port: otherPort }, settings)).toBe(false);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  test('ports that differ are the same service only where both are declared', () => {
    fc.assert(
      fc.property(address, address, declared, (a, b, sameServices) => {
        fc.pre(a.port !== b.port);
        const withoutPorts = {
          sameService: sameServices.map((hosts) => hosts.map((each) => ({ ...each, port: undefined }))),
        };
        expect(sameService(a, b, withoutPorts)).toBe(false);
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
