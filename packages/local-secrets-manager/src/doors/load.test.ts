import { expect, it } from 'vitest';
import { dataFolder } from '../../testing/data-folder.ts';
import { load, loadedService, told } from '../../testing/load.ts';
import { wellBehaved } from '../../testing/rotation.ts';
import { gate, rawCaller, service, token } from '../../testing/service.ts';

const SECRETS = 40_000;
const WANTED = 1000;

it.each([
  ['in memory', () => undefined],
  ['with a data folder', dataFolder],
])(
  `with ${SECRETS} secrets held, ${WANTED} requests a second are served, %s`,
  { timeout: 120_000 },
  async (where, folder) => {
    const port = await loadedService(SECRETS, folder());
    await load(port, SECRETS, 1);
    const measured = await load(port, SECRETS, 3);
    console.info(told(`${SECRETS} secrets ${where}`, measured));
    expect(measured.failures).toBe(0);
    expect(measured.perSecond).toBeGreaterThanOrEqual(WANTED);
  },
);

it('1,000 rotations at once all finish', { timeout: 120_000 }, async () => {
  const count = 1000;
  const local = service();
  const call = rawCaller(local);
  const inFunction = rawCaller(local, { functionName: 'rotate-db' });
  const all = gate();
  let waiting = 0;
  const RotationLambdaARN = local.registerFunction('rotate-db', async (event) => {
    if (event.Step === 'setSecret') {
      // Nobody goes on before everybody has come this far.
      waiting += 1;
      if (waiting === count) all.open();
      await all.opened;
    }
    await wellBehaved(inFunction, event);
  });
  const names = Array.from({ length: count }, (_, index) => `s-${index}`);
  for (const Name of names) await call('CreateSecret', { Name, SecretString: 'S0', ClientRequestToken: token() });
  const start = performance.now();
  for (const SecretId of names)
    await call('RotateSecret', { SecretId, RotationLambdaARN, ClientRequestToken: token() });
  const results = await Promise.all(names.map((name) => local.rotationSettled(name)));
  const seconds = (performance.now() - start) / 1000;
  console.info(`${count} rotations at once: ${seconds.toFixed(2)} s, ${Math.round(count / seconds)} a second`);
  expect(results.filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(count);
  expect(waiting).toBe(count);
});
