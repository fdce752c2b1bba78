import { dirname } from 'node:path';
import type { FunctionIdentity } from './rotation-target.ts';

/** What the environment of a function's process is made of. */
export interface EnvironmentParts {
  readonly identity: FunctionIdentity;
  /** `host:port` of the Runtime API. */
  readonly runtimeApi: string;
  /** The bundle. */
  readonly file: string;
  readonly handler: string;
  readonly memoryMb: number;
  /** The function's own variables; they win. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The whole environment of a function's process: Lambda's variables, and nothing of this process's own but
 * the path to programs. The credentials are no secrets: the local service takes any.
 */
export function lambdaEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { identity, runtimeApi, file, handler, memoryMb, environment } = parts;
  const endpoint = identity.endpoint();
  return {
    ...inherited(),
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: dirname(file),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: identity.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${identity.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: identity.region,
    AWS_DEFAULT_REGION: identity.region,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    ...(endpoint === undefined
      ? {}
      : { SECRETS_MANAGER_ENDPOINT: endpoint, AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint }),
    ...environment,
  };
}

function inherited(): Record<string, string> {
  // SYSTEMROOT: without it no Windows process opens a socket.
  return Object.fromEntries(
    ['PATH', 'SYSTEMROOT'].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']],
    ),
  );
}
