import type { FailureCause } from '@keyturn/engine-conformance';

/** What this server can be brought to for one user. */
export function failureCauses(
  administrator: string,
  command: (...args: readonly string[]) => Promise<unknown>,
): readonly FailureCause[] {
  return [
    {
      name: 'the user is off',
      // The server does not tell it from a wrong password.
      code: 'login-failed',
      at: 'connect',
      async arrange(username) {
        await command('ACL', 'SETUSER', username, 'off');
        return {};
      },
    },
    {
      name: 'the administrator may set no users',
      code: 'missing-privilege',
      at: 'resetPassword',
      async arrange() {
        await command('ACL', 'SETUSER', administrator, '-acl|setuser');
        return {};
      },
      async undo() {
        await command('ACL', 'SETUSER', administrator, '+acl|setuser');
      },
    },
    {
      name: 'the user may not set itself',
      code: 'missing-privilege',
      at: 'changeOwnPassword',
      async arrange(username) {
        await command('ACL', 'SETUSER', username, '-acl|setuser');
        return {};
      },
    },
  ];
}
