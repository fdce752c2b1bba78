import { hostileKinds, recordSecret, startTlsTrap } from '@keyturn/engine-conformance';
import { authentication, trapActor } from '@keyturn/service-postgres';
import { describe, expect, test } from 'vitest';
import { limits, loginTo } from '../service/test-login.ts';
import { redshift } from './index.ts';

const engine = redshift();
const password = 'Taint-trap-1';
recordSecret(password);

/** What a login says to a verified server that asks for the password in this way, and what the server has heard. */
async function loginAsked(request: Parameters<typeof trapActor>[0]) {
  const trap = await startTlsTrap('trusted', trapActor(request));
  try {
    const error: unknown = await engine.connect(loginTo(trap, 'app', password), limits()).catch((e: unknown) => e);
    await trap.quiet();
    return { error, heard: trap.decrypted() };
  } finally {
    await trap.close();
  }
}

describe('a verified server that asks for', () => {
  test.each([
    ['the password itself', 'cleartext', 'the password in clear text'],
    ['SCRAM, which Redshift has not', 'scram', 'SASL'],
    ['GSSAPI', { code: 7 }, 'GSSAPI'],
    ["an identity provider's token", { code: 14 }, 'a token of an identity provider'],
    ['a method of the future', { code: 99 }, 'authentication method 99'],
    ['nothing', { code: 0 }, 'no password'],
  ] as const)('%s gets nothing', async (_name, request, told) => {
    const { error, heard } = await loginAsked(request);
    expect(error).toMatchObject({ code: 'auth-method-unsupported', message: expect.stringContaining(told) });
    expect(heard.includes(password)).toBe(false);
    // The start of the login, and no more.
    expect(heard.length).toBe(heard.readInt32BE(0));
  });

  test('control: MD5 gets a proof', async () => {
    const { heard } = await loginAsked('md5');
    expect(heard.includes('md5')).toBe(true);
    expect(heard.includes(password)).toBe(false);
  });

  test('a digest, and sends no challenge, gets nothing', async () => {
    const { error, heard } = await loginAsked({ code: 13 });
    expect(error).toMatchObject({ code: 'connection-lost', message: expect.stringContaining('protocol') });
    expect(heard.length).toBe(heard.readInt32BE(0));
  });

  test('a digest with a challenge gets a proof, and not the password', async () => {
    const part = (bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const challenge = Buffer.concat([Buffer.alloc(4), part(Buffer.alloc(32, 1)), part(Buffer.alloc(16, 2))]);
    const actor = trapActor('md5');
    const trap = await startTlsTrap('trusted', {
      ...actor,
      async login(socket) {
        await socket.read();
        socket.write(authentication(13, challenge));
        await socket.read();
      },
    });
    await engine.connect(loginTo(trap, 'app', password), limits()).catch(() => {});
    await trap.quiet();
    const heard = trap.decrypted();
    const proof = heard.subarray(heard.readInt32BE(0));
    expect(String.fromCharCode(proof[0] ?? 0)).toBe('d');
    expect(proof.length).toBe(1 + 4 + 4 + 32 + 4 + 16);
    expect(heard.includes(password)).toBe(false);
    await trap.close();
  });
});

test.each(hostileKinds)('a server with the fault %s gets no byte of the login', async (kind) => {
  const trap = await startTlsTrap(kind, trapActor('md5'));
  try {
    await expect(engine.connect(loginTo(trap, 'taint-user', password), limits())).rejects.toMatchObject({
      code: expect.stringMatching(/^tls-/),
    });
    await trap.quiet();
    expect(trap.decrypted().length).toBe(0);
    expect(trap.received().includes('taint-user')).toBe(false);
  } finally {
    await trap.close();
  }
});
