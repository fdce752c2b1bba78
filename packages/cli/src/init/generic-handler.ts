import { className, type Project } from './project.ts';

/** The handler for a service of one's own: a password over HTTP, which is to be fitted to the service. */
export function genericHandler(project: Pick<Project, 'name'>): string {
  return `import { type Rotation, RotationFunction, type RotationHandler } from '@keyturn/core';

/** What the secret holds. Other keys may stand in it too: they stay as they are. */
interface Login {
  /** Where the service is: \`https://service.example\`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Rotates the password of an account that changes its own password over HTTP. Fit the three methods to your service. */
class ${className(project)} extends RotationFunction<Login> {
  /** Throws where a key is missing or wrong; a schema of zod or valibot will do as well. */
  protected override parseSecret(value: unknown): Login {
    const { url, username, password } = value as Record<string, unknown>;
    const isSafe = /^https:|^http:\\/\\/127\\.0\\.0\\.1[:/]/.test(String(url));
    if (!isSafe || typeof username !== 'string' || typeof password !== 'string') {
      throw new Error('url must begin with https://, username and password must be strings');
    }
    return { url: String(url), username, password };
  }

  /** Makes the service take \`pending\` in place of \`current\`, which it has just accepted. */
  protected override async changeCredential(current: Login, pending: Login, rotation: Rotation): Promise<void> {
    const { status } = await call('PUT', current, rotation, { password: pending.password });
    if (status !== 204) throw new Error(\`PUT /password answered \${status}\`);
  }

  /** False only where the service says that the credential is wrong; whatever else goes wrong is thrown. */
  protected override async proveCredential(login: Login, rotation: Rotation): Promise<boolean> {
    const { status } = await call('GET', login, rotation);
    if (status === 200 || status === 401) return status === 200;
    throw new Error(\`GET /password answered \${status}\`);
  }
}

export const handler: RotationHandler = new ${className(project)}().handler;

function call(method: string, login: Login, { deadline }: Rotation, body?: object): Promise<Response> {
  const basic = Buffer.from(\`\${login.username}:\${login.password}\`).toString('base64');
  return fetch(new URL('/password', login.url), {
    method,
    headers: { authorization: \`Basic \${basic}\`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    // A password must not follow a redirect, and no wait may outlive the invocation.
    redirect: 'error',
    signal: AbortSignal.any([deadline.signal, AbortSignal.timeout(10_000)]),
  });
}
`;
}
