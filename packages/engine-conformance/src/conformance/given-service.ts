import type { DatabaseService, ServiceModule } from '../service.ts';
import { urlVariable } from '../service-url.ts';

/**
 * The server that somebody has, where `KEYTURN_TEST_<ENGINE>_URL` names one; undefined where it does not.
 * @throws Error that names the variable and what is wrong with it, at once or when the server is to be used; never its value
 */
export function givenService(
  { fromUrl }: ServiceModule,
  engine: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): DatabaseService | undefined {
  const variable = urlVariable(engine);
  const url = environment[variable];
  if (url === undefined || url === '') return undefined;
  if (fromUrl === undefined) throw new Error(`${variable} is set, and the service has no fromUrl`);
  const service = told(variable, () => fromUrl(url));
  const start: DatabaseService['start'] = async (options) => {
    try {
      return await service.start(options);
    } catch (error) {
      throw new Error(`${variable}: the server ${service.version} cannot be used: ${reasonOf(error)}`);
    }
  };
  return { ...service, start };
}

function told<T>(variable: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${variable}: ${reasonOf(error)}`);
  }
}

/** Where a name has several addresses, Node's error has a code and no message. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: unknown };
  return [message, code].find((text) => typeof text === 'string' && text !== '')?.toString() ?? String(error);
}
