import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type CredentialIssuer, type CredentialListing, hasCode, Password, RotationError } from '@keyturn/core';
import { ownerBehind } from './caller-identity.ts';
import { AwsClients, type AwsOptions } from './clients.ts';

/** How a secret holds an access key, and where IAM and STS are. */
export interface IamAccessKeyOptions extends AwsOptions {
  /** The secret's keys. @default - AccessKeyId, SecretAccessKey, and UserName where the secret has it */
  readonly keys?:
    | {
        readonly accessKeyId?: string | undefined;
        readonly secretAccessKey?: string | undefined;
        readonly userName?: string | undefined;
      }
    | undefined;
}

/**
 * The access keys of an IAM user. They are listed, made and deleted with the function's role; the key
 * under test only asks STS who it is, for which no permission is needed.
 *
 *     new RotationFunction(issuedCredentials(iamAccessKey()))
 */
export function iamAccessKey(options: IamAccessKeyOptions = {}): CredentialIssuer {
  const {
    accessKeyId = 'AccessKeyId',
    secretAccessKey = 'SecretAccessKey',
    userName = 'UserName',
  } = options.keys ?? {};
  const clients = new AwsClients(options);

  return {
    name: 'iam-access-key',
    // Source of the pattern: the API's model, accessKeyIdType.
    keys: { id: accessKeyId, secret: secretAccessKey, user: userName, idPattern: /^\w{16,128}$/ },

    async prove({ id, secret }, signal) {
      if (id.startsWith('ASIA')) {
        throw new RotationError('invalid-secret', {
          message: `${accessKeyId} is the key of a session, which ends by itself; only the keys of IAM users are rotated`,
        });
      }
      return ownerBehind(
        await clients.askAs({ accessKeyId: id, secretAccessKey: secret.reveal() }, signal, (client, sent) =>
          client.send(new GetCallerIdentityCommand({}), sent),
        ),
      );
    },

    async list(owner, signal) {
      const found: CredentialListing[] = [];
      let marker: string | undefined;
      do {
        const page = await clients.administer('ListAccessKeys', owner, signal, (client, sent) =>
          client.send(new ListAccessKeysCommand({ UserName: owner.user, Marker: marker }), sent),
        );
        for (const { AccessKeyId, Status, CreateDate } of page.AccessKeyMetadata ?? []) {
          if (AccessKeyId === undefined) continue;
          found.push({ id: AccessKeyId, active: Status === 'Active', createdAt: CreateDate?.getTime() ?? 0 });
        }
        marker = page.IsTruncated ? page.Marker : undefined;
      } while (marker !== undefined);
      return found;
    },

    async create(owner, signal) {
      const { AccessKey } = await clients.administer('CreateAccessKey', owner, signal, (client, sent) =>
        client.send(new CreateAccessKeyCommand({ UserName: owner.user }), sent),
      );
      const { AccessKeyId: id, SecretAccessKey: secret } = AccessKey ?? {};
      if (id === undefined || secret === undefined) {
        throw new RotationError('service-failed', { message: 'iam:CreateAccessKey gave no key', user: owner.user });
      }
      return { id, secret: new Password(secret) };
    },

    async delete(owner, id, signal) {
      await orGone(() =>
        clients.administer('DeleteAccessKey', owner, signal, (client, sent) =>
          client.send(new DeleteAccessKeyCommand({ UserName: owner.user, AccessKeyId: id }), sent),
        ),
      );
    },

    async setActive(owner, id, active, signal) {
      const Status = active ? 'Active' : 'Inactive';
      await orGone(() =>
        clients.administer('UpdateAccessKey', owner, signal, (client, sent) =>
          client.send(new UpdateAccessKeyCommand({ UserName: owner.user, AccessKeyId: id, Status }), sent),
        ),
      );
    },

    async wasUsed(owner, id, signal) {
      const found = await orGone(() =>
        clients.administer('GetAccessKeyLastUsed', owner, signal, (client, sent) =>
          client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }), sent),
        ),
      );
      return found?.AccessKeyLastUsed?.LastUsedDate !== undefined;
    },
  };
}

/** What is to be ended is ended if there is no such key. */
async function orGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (hasCode(error, 'credential-unknown')) return undefined;
    throw error;
  }
}
