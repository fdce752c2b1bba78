import { type CredentialIssuer, type CredentialOwner, Password, RotationError } from '@keyturn/core';

/** A key as the API lists it. */
interface ListedKey {
  readonly id: string;
  readonly active: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly usedAt: string | null;
}

/**
 * An API whose accounts hold up to two keys, and manage them with either.
 * @param url where the API is: `https://maps.example`
 */
export function keysApi(url: string): CredentialIssuer {
  // Each invocation proves AWSCURRENT before it asks for anything else: that key manages the account's keys.
  let key = new Password('');

  async function call(method: string, path: string, signal: AbortSignal, body?: object): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${key.reveal()}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'error',
        signal,
      });
    } catch {
      if (signal.aborted)
        throw new RotationError('deadline-exceeded', { message: `no time is left for ${method} ${path}` });
      throw new RotationError('service-unreachable', { message: `${method} ${path} got no answer` });
    }
    const { status } = response;
    if (status === 403) throw new RotationError('service-denied', { message: `${method} ${path} is not allowed` });
    if (status === 429) throw new RotationError('service-throttled', { message: `${method} ${path} was throttled` });
    if (status >= 500) throw new RotationError('service-failed', { message: `${method} ${path} answered ${status}` });
    return response;
  }

  async function list({ user }: CredentialOwner, signal: AbortSignal): Promise<readonly ListedKey[]> {
    const response = await call('GET', '/keys', signal);
    if (response.ok) return (await response.json()) as ListedKey[];
    throw new RotationError('credential-unknown', { message: 'the API lists no keys for this account', user });
  }

  return {
    name: 'keys-api',
    keys: { id: 'keyId', secret: 'apiKey', user: 'account', idPattern: /^key-[0-9a-f]{8}$/ },

    async prove(credential, signal) {
      key = credential.secret;
      const response = await call('GET', '/whoami', signal);
      if (!response.ok) throw new RotationError('login-failed', { message: 'the API does not accept the key' });
      const { account } = (await response.json()) as { account: string };
      return { user: account, identity: account };
    },

    async list(owner, signal) {
      const listed = await list(owner, signal);
      return listed.map(({ id, active, createdAt }) => ({ id, active, createdAt: Date.parse(createdAt) }));
    },

    async create({ user }, signal) {
      const response = await call('POST', '/keys', signal);
      if (response.status === 409) {
        throw new RotationError('credential-limit-reached', { message: 'the account has two keys', user });
      }
      const { id, apiKey } = (await response.json()) as { id: string; apiKey: string };
      return { id, secret: new Password(apiKey) };
    },

    async delete(_owner, id, signal) {
      await call('DELETE', `/keys/${id}`, signal);
    },

    async setActive(_owner, id, active, signal) {
      await call('PATCH', `/keys/${id}`, signal, { active });
    },

    async wasUsed(owner, id, signal) {
      return (await list(owner, signal)).some((listed) => listed.id === id && listed.usedAt !== null);
    },
  };
}
