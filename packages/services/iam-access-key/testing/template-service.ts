import { Account } from './account.ts';
import { openDoor, type QueryAction } from './aws-double.ts';

/**
 * IAM and STS for the bench of a template: an account with a role that may do what the README's policy allows.
 * @param callMs what every call takes besides, in milliseconds @default 0
 */
export async function startTemplateService({ callMs = 0 }: { readonly callMs?: number } = {}): Promise<{
  readonly environment: Readonly<Record<string, string>>;
  readonly calls: readonly string[];
  makeSecret(): Promise<object>;
  works(secret: Record<string, string>): Promise<boolean>;
  valuesToHide(secret: Record<string, string>): readonly string[];
  stop(): Promise<void>;
}> {
  const account = new Account();
  const users: ReturnType<Account['addUser']>[] = [];
  const role = account.addRole('rotation', (_, resource) => users.some(({ arn }) => resource === arn));
  const door = await openDoor(account, {
    region: 'us-east-1',
    onCall: async ({ moment }): Promise<QueryAction> => {
      if (callMs > 0 && moment === 'before') await new Promise((resolve) => setTimeout(resolve, callMs));
      return 'pass';
    },
  });
  return {
    environment: {
      AWS_ENDPOINT_URL_IAM: door.url,
      AWS_ENDPOINT_URL_STS: door.url,
      AWS_ACCESS_KEY_ID: role.accessKeyId,
      AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
      AWS_SESSION_TOKEN: role.sessionToken,
    },
    calls: door.calls,
    async makeSecret() {
      const user = account.addUser(`bundle-${users.length + 1}`);
      users.push(user);
      const key = account.addKey(user);
      return { AccessKeyId: key.id, SecretAccessKey: key.secret };
    },
    works: async ({ AccessKeyId, SecretAccessKey }) =>
      users.some((user) =>
        account.live(user).some(({ id, secret, active }) => active && id === AccessKeyId && secret === SecretAccessKey),
      ),
    valuesToHide: ({ SecretAccessKey = '' }) => [SecretAccessKey],
    stop: () => door.close(),
  };
}
