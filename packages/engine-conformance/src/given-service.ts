import type { DatabaseService, RunningService } from './service.ts';
import { readServiceUrl, type ServiceUrl } from './service-url.ts';

/** What an engine says of a server that somebody has. */
export interface GivenServiceOptions extends Pick<DatabaseService, 'engine' | 'protocol'> {
  /** `KEYTURN_TEST_<ENGINE>_URL`, as {@link readServiceUrl} reads it. */
  readonly url: string;
  /** Where the URL names no port. */
  readonly defaultPort: number;
  /** Connects to the server. */
  start(given: ServiceUrl): RunningService | Promise<RunningService>;
}

/** A server that somebody has, as a service of the suite. @throws Error where the URL is none, without its password */
export function givenService({ engine, protocol, url, defaultPort, start }: GivenServiceOptions): DatabaseService {
  const given = readServiceUrl(url, defaultPort);
  return {
    engine,
    version: `at ${given.host}`,
    protocol,
    given: true,
    speaksTls: given.tls,
    prepare: () => Promise.resolve(),
    start: async () => start(given),
  };
}
