import { expect, test } from 'vitest';
import type { ServiceModule } from '../service.ts';
import { readServiceUrl } from '../service-url.ts';
import { givenService } from './given-service.ts';
import { lineService } from './line-database/line-service.fixture.ts';

const module: ServiceModule = {
  services: [lineService],
  fromUrl(url) {
    const { host } = readServiceUrl(url, 1);
    return { ...lineService, version: `at ${host}`, given: true };
  },
};
const variable = 'KEYTURN_TEST_LINES_URL';
const chosen = (url: string | undefined, other: ServiceModule = module) =>
  givenService(other, 'lines', { [variable]: url });

test('without the variable, or with an empty one, there is none', () => {
  expect(chosen(undefined)).toBeUndefined();
  expect(chosen('')).toBeUndefined();
  expect(givenService(module, 'lines', { KEYTURN_TEST_OTHERS_URL: 'lines://a:b@c' })).toBeUndefined();
});

test('a server that is named is the one', async () => {
  const service = chosen('lines://a:b@db.example');
  expect(service).toMatchObject({ version: 'at db.example', given: true });
  await (await service?.start())?.stop();
});

test.each([
  ['db.example', 'cannot be read'],
  ['lines://db.example', 'must name an administrator and its password'],
])('what is wrong with %s is told with the name of the variable', (url, reason) => {
  expect(() => chosen(url)).toThrow(`${variable}: the URL of the server ${reason}`);
});

test('a variable that the service cannot use is told', () => {
  expect(() => chosen('lines://a:b@c', { services: [lineService] })).toThrow(
    `${variable} is set, and the service has no fromUrl`,
  );
});

test.each([
  [new Error('password authentication failed'), 'password authentication failed'],
  [Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['no error at all', 'no error at all'],
])('a server that cannot be used is told with the variable: %s', async (error, reason) => {
  const failing: ServiceModule = {
    ...module,
    fromUrl: (url) => ({ ...(module.fromUrl?.(url) ?? lineService), start: () => Promise.reject(error) }),
  };
  const started = chosen('lines://a:taint-in-a-url@db.example', failing)?.start();
  await expect(started).rejects.toThrow(`${variable}: the server at db.example cannot be used: ${reason}`);
  await expect(started).rejects.not.toThrow('taint-in-a-url');
});
