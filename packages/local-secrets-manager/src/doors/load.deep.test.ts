import { expect, it } from 'vitest';
import { dataFolder } from '../../testing/data-folder.ts';
import { load, loadedService, told } from '../../testing/load.ts';

const SECRETS = 40_000;

it.each([
  ['in memory', () => undefined],
  ['with a data folder', dataFolder],
])(`for a minute, 1,000 requests a second are served with ${SECRETS} secrets held, %s`, async (where, folder) => {
  const port = await loadedService(SECRETS, folder());
  const measured = await load(port, SECRETS, 60);
  console.info(told(`${SECRETS} secrets ${where}, for a minute`, measured));
  expect(measured.failures).toBe(0);
  expect(measured.perSecond).toBeGreaterThanOrEqual(1000);
  expect(measured.p99).toBeLessThan(250);
});
