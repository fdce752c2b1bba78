import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerImage, makeAuthority } from '@keyturn/engine-conformance';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';

const startTimeoutMs = 300_000;

/** Why no container can be started here, and what to do; undefined where one can. */
export async function dockerTrouble(): Promise<string | undefined> {
  try {
    await getContainerRuntimeClient();
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      `No Docker engine answers here (${reason}).`,
      'Start one, or set DOCKER_HOST; without --docker the suite runs on the servers that the tests start themselves,',
      'and KEYTURN_TEST_<ENGINE>_URL names a server of yours.',
    ].join('\n');
  }
}

/** Starts a container of the image, with a certificate for localhost, and lends the URL of its server. */
export async function withContainer<T>(image: DockerImage, use: (url: string) => Promise<T>): Promise<T> {
  // Every kind of character that some server asks for, and none that needs escaping.
  const password = `Kt1-${randomBytes(12).toString('hex')}`;
  const authority = makeAuthority('Keyturn containers');
  const { environment = {}, command, files = [] } = image.settings({ password, certificate: authority.sign() });
  const container = new GenericContainer(image.image)
    .withExposedPorts(image.port)
    .withEnvironment({ ...environment })
    .withCopyContentToContainer(files.map(({ target, content, mode = 0o644 }) => ({ target, content, mode })))
    .withWaitStrategy(Wait.forLogMessage(image.readyWhen, image.readyTimes ?? 1))
    .withStartupTimeout(image.startTimeoutMs ?? startTimeoutMs);
  const started = await (command === undefined ? container : container.withCommand([...command])).start();
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-container-'));
  try {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, authority.certificate);
    return await use(image.url({ host: 'localhost', port: started.getMappedPort(image.port), password, ca }));
  } finally {
    await started.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
