import { type DatabaseService, type RunningService, recordOutput } from '@keyturn/engine-conformance';
import { databaseOf } from './template-service.ts';

/** Databases that the tests of one file share: each is started for the first template that needs it. */
export class SharedServers {
  readonly #started = new Map<DatabaseService, Promise<RunningService>>();

  /** The database of a template, running. */
  async of(template: string): Promise<RunningService> {
    const service = await databaseOf(template);
    const started = this.#started.get(service) ?? start(service);
    this.#started.set(service, started);
    return started;
  }

  /** Stops all of them, and notes what they have logged for the search at the end of the test run. */
  async stop(): Promise<void> {
    for (const started of this.#started.values()) {
      const running = await started;
      recordOutput(running.log());
      await running.stop();
    }
  }
}

async function start(service: DatabaseService): Promise<RunningService> {
  await service.prepare();
  return service.start();
}
