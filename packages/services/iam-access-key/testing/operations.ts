import type { Account, Principal, StoredUser } from './account.ts';
import { QueryRefusal, validationError } from './query-refusal.ts';

/** A member of a result: text, or members of its own, or a list. */
export type Result = { readonly [name: string]: string | Result | readonly Result[] };

/** One action: which parameters it takes, and what it does. */
interface Operation {
  readonly parameters: Readonly<Record<string, Parameter>>;
  run(parameters: Readonly<Record<string, string>>, account: Account, caller: Principal): Result | undefined;
}

interface Parameter {
  readonly required: boolean;
  readonly pattern: RegExp;
  readonly constraint: string;
}

/** Source of patterns and lengths: the API model of IAM, existingUserNameType, accessKeyIdType, statusType. */
const userName: Parameter = {
  required: true,
  pattern: /^[\w+=,.@-]{1,128}$/,
  constraint: 'satisfy regular expression pattern: [\\w+=,.@-]+',
};
const accessKeyId: Parameter = {
  required: true,
  pattern: /^\w{16,128}$/,
  constraint: 'satisfy regular expression pattern: [\\w]+',
};
const status: Parameter = {
  required: true,
  pattern: /^(Active|Inactive)$/,
  constraint: 'satisfy enum value set: [Active, Inactive]',
};
const marker: Parameter = { required: false, pattern: /^\d+$/, constraint: 'be a marker of an earlier answer' };
const maxItems: Parameter = {
  required: false,
  pattern: /^([1-9]\d{0,2}|1000)$/,
  constraint: 'have value less than or equal to 1000',
};

/** The actions of IAM. A user name is asked for throughout: with a role's session, the service cannot guess it. */
const iam: Readonly<Record<string, Operation>> = {
  ListAccessKeys: {
    parameters: { UserName: userName, Marker: marker, MaxItems: maxItems },
    run(parameters, account, caller) {
      const user = permitted('ListAccessKeys', parameters.UserName, account, caller);
      const from = Number(parameters.Marker ?? 0);
      const most = Number(parameters.MaxItems ?? 100);
      const listed = account.listed(user);
      const page = listed.slice(from, from + most);
      const more = from + page.length < listed.length;
      return {
        AccessKeyMetadata: page.map((key) => ({
          UserName: user.name,
          AccessKeyId: key.id,
          Status: key.active ? 'Active' : 'Inactive',
          CreateDate: new Date(key.createdAt).toISOString(),
        })),
        IsTruncated: String(more),
        ...(more ? { Marker: String(from + page.length) } : {}),
      };
    },
  },
  CreateAccessKey: {
    parameters: { UserName: userName },
    run(parameters, account, caller) {
      const user = permitted('CreateAccessKey', parameters.UserName, account, caller);
      const key = account.createKey(user);
      return {
        AccessKey: {
          UserName: user.name,
          AccessKeyId: key.id,
          Status: 'Active',
          SecretAccessKey: key.secret,
          CreateDate: new Date(key.createdAt).toISOString(),
        },
      };
    },
  },
  DeleteAccessKey: {
    parameters: { UserName: userName, AccessKeyId: accessKeyId },
    run(parameters, account, caller) {
      const user = permitted('DeleteAccessKey', parameters.UserName, account, caller);
      account.key(user, parameters.AccessKeyId ?? '').deleted = true;
      return undefined;
    },
  },
  UpdateAccessKey: {
    parameters: { UserName: userName, AccessKeyId: accessKeyId, Status: status },
    run(parameters, account, caller) {
      const user = permitted('UpdateAccessKey', parameters.UserName, account, caller);
      account.key(user, parameters.AccessKeyId ?? '').active = parameters.Status === 'Active';
      return undefined;
    },
  },
  GetAccessKeyLastUsed: {
    parameters: { AccessKeyId: accessKeyId },
    run(parameters, account, caller) {
      const id = parameters.AccessKeyId ?? '';
      const user = [...account.users.values()].find((each) => each.keys.some((key) => key.id === id && !key.deleted));
      const { name, lastUsedAt } = {
        name: permitted('GetAccessKeyLastUsed', user?.name ?? 'null', account, caller).name,
        lastUsedAt: user?.keys.find((key) => key.id === id)?.lastUsedAt,
      };
      const used = lastUsedAt === undefined ? {} : { LastUsedDate: new Date(lastUsedAt).toISOString() };
      const where = lastUsedAt === undefined ? 'N/A' : 'eu-west-1';
      const service = lastUsedAt === undefined ? 'N/A' : 'sts';
      return { UserName: name, AccessKeyLastUsed: { Region: where, ServiceName: service, ...used } };
    },
  },
};

const sts: Readonly<Record<string, Operation>> = {
  GetCallerIdentity: {
    parameters: {},
    run: (_, account, caller) => ({ Arn: caller.arn, UserId: caller.uniqueId, Account: account.id }),
  },
};

/** Each service by its name in a signature's scope. */
export const services: Readonly<Record<string, { version: string; xmlns: string; operations: typeof iam }>> = {
  iam: { version: '2010-05-08', xmlns: 'https://iam.amazonaws.com/doc/2010-05-08/', operations: iam },
  sts: { version: '2011-06-15', xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/', operations: sts },
};

/** Runs an action. @throws QueryRefusal for whatever is missing, wrong, unknown or there twice */
export function runOperation(
  service: string,
  parameters: readonly (readonly [string, string])[],
  account: Account,
  caller: Principal,
): { name: string; result: Result | undefined } {
  const api = services[service];
  const names = parameters.map(([name]) => name);
  if (new Set(names).size !== names.length)
    throw new QueryRefusal('MalformedQueryString', 'A parameter is there twice');
  const { Action: name = '', Version, ...rest } = Object.fromEntries(parameters);
  const operation = api !== undefined && Object.hasOwn(api.operations, name) ? api.operations[name] : undefined;
  if (operation === undefined || Version !== api?.version) {
    throw new QueryRefusal(
      'InvalidAction',
      `Could not find operation ${name} for version ${Version ?? 'NO_VERSION_SPECIFIED'}`,
    );
  }
  for (const [member, { required, pattern, constraint }] of Object.entries(operation.parameters)) {
    const value = rest[member];
    if (value === undefined && required) throw validationError('null', lowerFirst(member), 'not be null');
    if (value !== undefined && !pattern.test(value)) throw validationError(value, lowerFirst(member), constraint);
  }
  // The service passes over what it does not know; a client that sends it is wrong all the same.
  const unknown = Object.keys(rest).find((member) => !(member in operation.parameters));
  if (unknown !== undefined) throw new QueryRefusal('ValidationError', `The parameter ${unknown} is not known`);
  return { name, result: operation.run(rest, account, caller) };
}

/** Permission comes before existence: who may not ask does not learn whether there is such a user. */
function permitted(action: string, name: string | undefined, account: Account, caller: Principal): StoredUser {
  const resource = account.users.get(name ?? '')?.arn ?? `arn:aws:iam::${account.id}:user/${name}`;
  if (!caller.allows(`iam:${action}`, resource)) {
    throw new QueryRefusal(
      'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: iam:${action} on resource: ${resource} because no identity-based policy allows the iam:${action} action`,
      403,
    );
  }
  return account.user(name ?? '');
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
