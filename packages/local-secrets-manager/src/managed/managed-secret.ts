import { randomUUID } from 'node:crypto';
import type { OperationContext } from '../operations/operation.ts';
import { storeValue } from '../operations/stored-value.ts';
import { AWSCURRENT } from '../state/labels.ts';
import type { Secret } from '../state/secret.ts';
import { arnSuffix, checkName } from '../state/secret-id.ts';

/** A secret that a service of AWS makes and manages, such as Amazon RDS the one of a master user. */
export interface ManagedSecretOptions {
  /** The service adds nothing to it: RDS's own are `rds!db-…` and `rds!cluster-…`. */
  readonly name: string;
  /** As DescribeSecret tells it in OwningService: `rds`, `redshift`. */
  readonly owningService: string;
  /** Tags that begin with `aws:`, which nobody else can set. `aws:secretsmanager:owningService` comes by itself. */
  readonly systemTags: Readonly<Record<string, string>>;
  /** The text of the first version. */
  readonly value: string;
}

/** What the service that manages a secret can do with it. */
export interface ManagedSecret {
  readonly arn: string;
  /** Stores the next value as AWSCURRENT, as the service does when it rotates the secret. */
  rotate(value: string): void;
}

/** @throws Error where the name is taken, or a tag is no system tag */
export function createManagedSecret(context: OperationContext, options: ManagedSecretOptions): ManagedSecret {
  const { name, owningService, systemTags, value } = options;
  checkName(name);
  if (context.store.find(name) !== undefined) throw new Error(`The secret ${name} is there already.`);
  const tags = { ...systemTags, 'aws:secretsmanager:owningService': owningService };
  const wrong = Object.keys(tags).find((key) => !key.startsWith('aws:'));
  if (wrong !== undefined) throw new Error(`A system tag begins with aws:, and ${wrong} does not.`);
  const now = context.clock.now();
  const token = randomUUID();
  const secret: Secret = {
    arn: `${context.arnPrefix}${name}${arnSuffix()}`,
    name,
    createdWith: token,
    createdAt: now,
    changedAt: now,
    owningService,
    tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    versions: new Map(),
  };
  storeValue(context, secret, token, { string: value }, [AWSCURRENT]);
  return {
    arn: secret.arn,
    rotate(next) {
      const present = context.store.find(secret.arn);
      if (present === undefined) throw new Error(`The secret ${name} is gone.`);
      storeValue(context, present, randomUUID(), { string: next }, [AWSCURRENT]);
    },
  };
}
