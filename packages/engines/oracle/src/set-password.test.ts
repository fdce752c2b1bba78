import { Password } from '@keyturn/core';
import { recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bareDriver } from '../service/bare-driver.ts';
import { type RunningOracle, startOracle } from '../service/index.ts';
import { failureOf, limits, loginTo } from '../service/test-logins.ts';
import { oracle } from './index.ts';

const engine = oracle();
const first = 'taint-Set-password-1';
const second = 'taint-Set-password-2';
let server: RunningOracle;
let count = 0;
let user = '';

beforeAll(async () => {
  for (const password of [first, second]) recordSecret(password);
  server = await startOracle('19c');
});
afterAll(() => server?.stop());
beforeEach(async () => {
  count += 1;
  user = `app_${count}`;
  await server.createUser(user, first);
});

async function change(next: string, current = first): Promise<void> {
  const connection = await engine.connect(loginTo(server, user, current), limits());
  await engine
    .changeOwnPassword(connection, new Password(next), new Password(current))
    .finally(() => engine.close(connection));
}

async function reset(next: string, username = user): Promise<void> {
  const { administrator } = server;
  const connection = await engine.connect(loginTo(server, administrator.username, administrator.password), limits());
  await Promise.resolve(engine.admin?.resetPassword(connection, username, new Password(next))).finally(() =>
    engine.close(connection),
  );
}

test('the user’s own change is no statement: no log of statements can hold the password', async () => {
  await change(second);
  expect(await server.logsIn(user, second)).toBe(true);
  expect(await server.logsIn(user, first)).toBe(false);
  expect(server.log()).toContain(`password change: ${user.toUpperCase()}`);
  expect(server.log()).not.toMatch(new RegExp(`statement: ALTER USER "?${user}`, 'i'));
});

test('the password that the user has already is set without asking the server', async () => {
  const before = server.log();
  await change(first);
  expect(server.log().slice(before.length)).not.toContain('password change');
});

test('a reset opens a locked account with the new password, in one statement', async () => {
  server.sql(`ALTER USER ${user} ACCOUNT LOCK`);
  await reset(second);
  expect(await server.logsIn(user, second)).toBe(true);
});

describe('PASSWORD_REUSE_MAX', () => {
  beforeEach(() => {
    if (!server.model.profiles.has('REMEMBERING')) server.sql('CREATE PROFILE remembering LIMIT PASSWORD_REUSE_MAX 5');
    server.sql(`ALTER USER ${user} PROFILE remembering`);
  });

  test('a reset that was done already is done', async () => {
    await reset(second);
    await reset(second);
    expect(await server.logsIn(user, second)).toBe(true);
  });

  test('a password of long ago is refused, after one login that asks', async () => {
    await reset(second);
    const failure = await failureOf(reset(first));
    expect(failure).toMatchObject({ code: 'password-refused', driverCode: 'ORA-28007' });
    expect(await server.refusedLogins?.(user)).toBe(1);
    expect(await server.logsIn(user, second)).toBe(true);
  });

  test('the user’s own change back is refused, and the password stays', async () => {
    await change(second);
    expect(await failureOf(change(first, second))).toMatchObject({ code: 'password-refused' });
    expect(await server.logsIn(user, second)).toBe(true);
  });
});

test('a verify function is told in our words, whatever it says', async () => {
  server.sql('CREATE PROFILE verified LIMIT PASSWORD_VERIFY_FUNCTION ora12c_verify_function');
  server.sql(`ALTER USER ${user} PROFILE verified`);
  expect((await failureOf(change('aB3'))).details.message).toContain('it asks for 8 characters or more');
  expect((await failureOf(change('taint-without-a-digit'))).details.message).toContain('it asks for 1 or more digits');
  expect((await failureOf(reset('123456789'))).details.message).toContain('it asks for 1 or more letters');
  // The control: one that keeps to the rules is set.
  await change('taint-with-digit-1');
});

test('30 bytes are the most before 23ai', async () => {
  await change('x'.repeat(30));
  const failure = await failureOf(reset('x'.repeat(31)));
  expect(failure).toMatchObject({ code: 'password-refused', driverCode: 'ORA-28218' });
  expect(failure.remedy).toContain('PASSWORD_LENGTH');
});

test('a user that there is not is named', async () => {
  expect(await failureOf(reset(second, 'nobody'))).toMatchObject({ code: 'invalid-secret', driverCode: 'ORA-01918' });
});

test('tracing that is turned on in the driver sees no password', async () => {
  const seen: unknown[] = [];
  const { traceHandler } = bareDriver as unknown as {
    traceHandler: {
      TraceHandlerBase: new () => { enable(): void; disable(): void };
      setTraceInstance(instance?: unknown): void;
    };
  };
  class Tracer extends traceHandler.TraceHandlerBase {
    onEnterFn(context: unknown): void {
      seen.push(structure(context));
    }
    onExitFn(context: unknown): void {
      seen.push(structure(context));
    }
    onBeginRoundTrip(context: unknown): void {
      seen.push(structure(context));
    }
    onEndRoundTrip(context: unknown): void {
      seen.push(structure(context));
    }
  }
  const tracer = new Tracer();
  traceHandler.setTraceInstance(tracer);
  tracer.enable();
  try {
    await change(second);
    await reset(first);
  } finally {
    tracer.disable();
    traceHandler.setTraceInstance();
  }
  expect(seen.length).toBeGreaterThan(0);
  const text = JSON.stringify(seen);
  expect(text).not.toContain(second);
  expect(text).not.toContain(first);
});

/** What a tracer would print of it: all that can be enumerated, but the driver's own connection. */
function structure(context: unknown): unknown {
  return JSON.parse(
    JSON.stringify(context, (key, value) => (key === 'self' || key === 'result' || key === 'fn' ? undefined : value)),
  );
}
