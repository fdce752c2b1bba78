import { type Rotation, RotationError, RotationFunction, type RotationHandler } from '@keyturn/core';

/** The secret: a login of an HTTP API. */
interface ApiLogin {
  /** Where the API is: `https://reports.example`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Rotates the password of an account of an HTTP API, which the account changes itself. */
export class HttpApiPassword extends RotationFunction<ApiLogin> {
  protected override parseSecret(value: unknown): ApiLogin {
    const { url, username, password } = value as Record<string, unknown>;
    const wrong = [
      typeof url === 'string' && isSafe(url) ? '' : 'url must begin with https://',
      typeof username === 'string' && !username.includes(':') ? '' : 'username must be a string without a colon',
      typeof password === 'string' ? '' : 'password must be a string',
    ].filter((fault) => fault !== '');
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    return { url, username, password } as ApiLogin;
  }

  protected override async changeCredential(current: ApiLogin, pending: ApiLogin, rotation: Rotation): Promise<void> {
    const { status } = await call('PUT', current, rotation, { password: pending.password });
    if (status === 422) throw new RotationError('password-refused', { message: 'the API refuses the new password' });
    if (status !== 204) throw new Error(`PUT /account/password answered ${status}`);
  }

  protected override async proveCredential(login: ApiLogin, rotation: Rotation): Promise<boolean> {
    const { status } = await call('GET', login, rotation);
    if (status === 200 || status === 401) return status === 200;
    throw new Error(`GET /account/password answered ${status}`);
  }
}

export const handler: RotationHandler = new HttpApiPassword().handler;

async function call(method: string, login: ApiLogin, { deadline }: Rotation, body?: object): Promise<Response> {
  const { url, username, password } = login;
  return fetch(new URL('/account/password', url), {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: body === undefined ? null : JSON.stringify(body),
    // A password must not follow a redirect, and no wait may outlive the invocation.
    redirect: 'error',
    signal: AbortSignal.any([deadline.signal, AbortSignal.timeout(10_000)]),
  });
}

/** Nobody may listen on the way; on this machine nobody can. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {};
  return protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1');
}
