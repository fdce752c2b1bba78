import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverNamed, serverOfArn, serverOfHost } from './server-name.ts';

const seed = Number(process.env.FC_SEED ?? Date.now());
console.log(`server-name: FC_SEED=${seed}`);

const identifier = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,20}$/);
const hash = fc.stringMatching(/^[a-z0-9]{12}$/);
const region = fc.constantFrom('us-east-1', 'eu-central-2', 'us-gov-west-1', 'ap-southeast-7', 'us-iso-east-1');
const china = fc.constantFrom('cn-north-1', 'cn-northwest-1');
const service = fc.constantFrom('rds', 'docdb');
const kinds = [
  ['', 'instance'],
  ['cluster-', 'cluster'],
  ['cluster-ro-', 'cluster'],
  ['cluster-custom-', 'custom-endpoint'],
] as const;

test.each(kinds)('a name with %j before its hash is one of an %s', (prefix, type) => {
  fc.assert(
    fc.property(identifier, hash, region, china, service, (id, h, anywhere, inChina, name) => {
      expect(serverOfHost(`${id}.${prefix}${h}.${anywhere}.${name}.amazonaws.com`)).toEqual({
        type,
        region: anywhere,
        id,
      });
      expect(serverOfHost(`${id}.${prefix}${h}.${name}.${inChina}.amazonaws.com.cn`)).toEqual({
        type,
        region: inChina,
        id,
      });
    }),
    { seed, numRuns: 300 },
  );
});

test.each([
  'shop.proxy-c9akciq32xyz.us-east-1.rds.amazonaws.com',
  'shop.shardgrp-c9akciq32xyz.us-east-1.rds.amazonaws.com',
  'shop.global-c9akciq32xyz.global.rds.amazonaws.com',
  'shop.c9akciq32xyz.us-east-1.rds.amazonaws.com.attacker.example',
  'shop.c9akciq32xyz.us-east-1.rds.amazonaws.com.',
  'shop.c9akciq32xyz.us-east-1.rds.amazonaws.org',
  'shop.c9akciq32xyz.us-east-1.redshift.amazonaws.com',
  'c9akciq32xyz.us-east-1.rds.amazonaws.com',
  'a.shop.c9akciq32xyz.us-east-1.rds.amazonaws.com',
  '1shop.c9akciq32xyz.us-east-1.rds.amazonaws.com',
  'rds.us-east-1.amazonaws.com',
])('%s is no name of an instance or a cluster', (host) => {
  expect(serverOfHost(host)).toBeUndefined();
});

test('whatever is no such name is undefined', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(serverOfHost(text)).toBeUndefined();
      expect(serverOfArn(text)).toBeUndefined();
    }),
    { seed, numRuns: 1_000 },
  );
});

test('a source is named by its identifier in the same Region, or by its ARN in another one', () => {
  const arn = 'arn:aws:rds:eu-west-1:123456789012:db:orders';
  expect(serverNamed('orders', 'instance', 'us-east-1')).toEqual({
    type: 'instance',
    region: 'us-east-1',
    id: 'orders',
  });
  expect(serverNamed(arn, 'cluster', 'us-east-1')).toEqual({ type: 'instance', region: 'eu-west-1', id: arn });
});
